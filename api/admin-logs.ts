import "server-only";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { exportEvents, listUserLog } from "@/lib/authn/export-events";
import { toAdminLogEntry, toUserLogEntry, userEventCodes } from "./admin-log-message";
import { isUuid, type OfUser, readStrictly, sendUserNotFound, toClientContext } from "./admin-request";
import { Line } from "./line";
import { sendTooMany } from "./rsa";

/** An export counts what lies between two times: two at once in this process leave the database to the desk. */
const exportsInTurn = new Line(2, 100);

/** ISO 8601; a `+` that came unencoded is a blank by now. Without a zone: UTC. */
const time = z
  .string()
  .max(40)
  .transform((text) => text.trim().replace(/ (?=\d\d:?\d\d$)/, "+"))
  .pipe(z.string().regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d([.]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/i))
  .transform(
    (text) => new Date(/(Z|T.*[+-]\d\d:?\d\d)$/i.test(text) || text.length === 10 ? text : `${text}Z`),
  )
  .pipe(z.date().min(new Date(0)).max(new Date("2999-12-31")));
const blank = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());
const whole = z
  .string()
  .regex(/^\d{1,8}$/)
  .transform(Number);

/** What is beyond 1 to 100 is taken as 100, as RSA does. */
const pageSize = z
  .string()
  .regex(/^-?\d{1,8}$/)
  .transform((text) => (Number(text) >= 1 && Number(text) <= 100 ? Number(text) : 100));
const times = { startTimeAfter: blank(time), endTimeOnOrBefore: blank(time) };
const exportQuery = z.object({ ...times, pageNumber: blank(whole), pageSize: blank(pageSize) });
const userQuery = z.object({ ...times, eventCode: blank(whole) });

async function exportLog(
  request: FastifyRequest,
  reply: FastifyReply,
  log: "users" | "admins",
): Promise<FastifyReply> {
  const query = readStrictly(reply, exportQuery, request.query);
  if (query === undefined) return reply;
  const page = { pageNumber: query.pageNumber ?? 0, pageSize: query.pageSize ?? 100 };
  const ran = await exportsInTurn.run(() =>
    exportEvents(toClientContext(request), {
      log,
      after: query.startTimeAfter,
      until: query.endTimeOnOrBefore,
      codes: log === "users" ? userEventCodes : [],
      ...page,
    }),
  );
  if (!ran.ok) return sendTooMany(reply, 2);
  const { events, total } = ran.value;
  const head = {
    totalPages: Math.ceil(total / page.pageSize),
    totalElements: total,
    pageSize: page.pageSize,
    currentPage: page.pageNumber,
  };
  return reply.send(
    log === "users"
      ? { ...head, userEventLogExportEntries: events.map(toUserLogEntry) }
      : { ...head, elements: events.map(toAdminLogEntry) },
  );
}

async function listAuthLogs(request: FastifyRequest<OfUser>, reply: FastifyReply): Promise<FastifyReply> {
  const { id } = request.params;
  const query = readStrictly(reply, userQuery, request.query);
  if (query === undefined) return reply;
  if (!isUuid(id)) return sendUserNotFound(reply, id);
  const result = await listUserLog(toClientContext(request), {
    userId: id,
    code: query.eventCode,
    after: query.startTimeAfter,
    until: query.endTimeOnOrBefore,
    codes: userEventCodes,
  });
  return result.ok ? reply.send(result.events.map(toUserLogEntry)) : sendUserNotFound(reply, id);
}

/** The logs: of one user, of all users, of staff and programs (rest, 1). */
export function addLogs(app: FastifyInstance): void {
  app.get<OfUser>("/v1/users/:id/authlogs", listAuthLogs);
  for (const name of ["exportlogs", "exportLogs"]) {
    app.get(`/v1/usereventlog/${name}`, (request, reply) => exportLog(request, reply, "users"));
    app.get(`/v1/adminlog/${name}`, (request, reply) => exportLog(request, reply, "admins"));
  }
}
