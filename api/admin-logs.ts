import "server-only";
import type { FastifyInstance, FastifyReply } from "fastify";
import { exportEvents, listUserLog } from "@/lib/authn/export-events";
import { toAdminLogEntry, toUserLogEntry, userEventCodes } from "./admin-log-message";
import { type OfUser, sendUserNotFound } from "./admin-request";
import { isUuid, toClientContext } from "./client";
import { Line } from "./line";
import { adminLogs } from "./reference/admin-logs";
import { sendTooMany } from "./rsa";
import { type Parsed, serve } from "./serve";

/** An export counts what lies between two times: two at once in this process leave the database to the desk. */
const exportsInTurn = new Line(2, 100);

async function exportLog(
  request: Parsed<typeof adminLogs.userEvents>,
  reply: FastifyReply,
  log: "users" | "admins",
): Promise<FastifyReply> {
  const { query } = request;
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

async function listAuthLogs(
  request: Parsed<typeof adminLogs.userLog, OfUser["Params"]>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id } = request.params;
  const { query } = request;
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
  const { userLog, userEvents, adminEvents } = adminLogs;
  serve(app, userLog, listAuthLogs);
  for (const spelled of ["exportlogs", "exportLogs"]) {
    const at = (operation: typeof userEvents) => ({
      ...operation,
      path: operation.path.replace("exportlogs", spelled),
    });
    serve(app, at(userEvents), (request, reply) => exportLog(request, reply, "users"));
    serve(app, at(adminEvents), (request, reply) => exportLog(request, reply, "admins"));
  }
}
