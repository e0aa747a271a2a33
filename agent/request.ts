import { randomUUID } from "node:crypto";
import { agentErrors, requestSecondsMax } from "@/lib/machines/wire";
import { digest, signJws, toPrivateKey } from "./jws";
import type { Machine } from "./state";

const answerBytesMax = 32 * 1024 * 1024;
const timeoutMilliseconds = 30_000;

/** Why the server could not be asked, or was not believed. */
export class ServerError extends Error {
  override name = "ServerError";
  /**
   * @param reason `unreachable`; why the server refused, by its own word or as `refused_<status>`; or what is wrong with its answer.
   * @param retryAfterSeconds What the server asked for; null: nothing.
   */
  constructor(
    readonly reason: string,
    message: string,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message);
  }
}

/**
 * Reads a server's base URL.
 *
 * @returns It without a slash at its end; undefined unless it is https, or http to this very machine, without user, query or fragment.
 * @see offline, "Enrolment"
 */
export function parseServer(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isLoopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback)) return undefined;
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return undefined;
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** What is asked, by whom, and what ends it early. */
interface Request {
  readonly method: "GET" | "POST";
  readonly body?: object;
  readonly machine?: Machine;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks the server, without following it elsewhere, for at most 30 s and 32 MiB.
 *
 * @param request.body JSON to be posted; undefined: none.
 * @param request.machine Who signs the request; undefined: nobody, before enrolment.
 * @returns The parsed JSON of a 2xx, undefined where it has no body.
 * @throws ServerError
 * @see offline, "Enrolment": JWT by the machine's key
 */
export async function ask(
  server: string,
  path: string,
  { method, body, machine, signal }: Request,
): Promise<unknown> {
  const text = body === undefined ? "" : JSON.stringify(body);
  const headers: Record<string, string> = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (machine !== undefined) headers.authorization = `Bearer ${signRequest(machine, method, path, text)}`;
  const timeout = AbortSignal.timeout(timeoutMilliseconds);
  let response: Response;
  let answer: string;
  try {
    response = await fetch(`${server}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: text }),
      redirect: "error",
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
    answer = await readBounded(response);
  } catch (error) {
    if (error instanceof ServerError) throw error;
    throw new ServerError("unreachable", `${server} can't be reached: ${describe(error)}`);
  }
  if (!response.ok) throw toRefusal(response, answer);
  if (answer === "") return undefined;
  try {
    return JSON.parse(answer);
  } catch {
    throw new ServerError("answer_malformed", "The server's answer is no JSON");
  }
}

function signRequest(machine: Machine, method: string, path: string, body: string): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = {
    aud: machine.server,
    method,
    path: new URL(`${machine.server}${path}`).pathname,
    body: digest(body),
    iat,
    exp: iat + requestSecondsMax,
    jti: randomUUID(),
  };
  return signJws("JWT", machine.machineId, claims, toPrivateKey(machine.privateKey));
}

function toRefusal(response: Response, answer: string): ServerError {
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  const date = Date.parse(response.headers.get("date") ?? "");
  const driftSeconds = Math.round((Date.now() - date) / 1000);
  const clock =
    response.status === 401 && Math.abs(driftSeconds) > requestSecondsMax
      ? `; this clock differs from the server's by ${driftSeconds} s`
      : "";
  return new ServerError(
    agentErrors.find((word) => word === readMember(answer, "error")) ?? `refused_${response.status}`,
    `The server refused: ${toLine(readMember(answer, "message")) || response.status}${clock}`,
    Number.isFinite(retryAfter) ? retryAfter : null,
  );
}

function readMember(answer: string, name: "error" | "message"): unknown {
  try {
    return JSON.parse(answer)[name];
  } catch {
    return undefined;
  }
}

/** Printable text of a line's length: a terminal obeys no server. */
function toLine(message: unknown): string {
  return typeof message === "string" ? message.replace(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, " ").slice(0, 200) : "";
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > answerBytesMax) throw new ServerError("answer_too_long", "The server's answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function describe(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return "unknown";
  return (cause as NodeJS.ErrnoException).code ?? cause.message;
}
