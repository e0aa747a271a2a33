import { z } from "zod";
import type { Door } from "./operation";

const problem = z
  .object({ code: z.string().describe("The status and its name."), description: z.string() })
  .meta({ id: "Problem" });
const forbidden = z
  .object({
    timestamp: z.int().describe("Milliseconds since 1970."),
    status: z.literal(403),
    error: z.literal("Forbidden"),
    message: z.string(),
    path: z.string(),
  })
  .meta({ id: "Forbidden" });
const retry = { "Retry-After": "The seconds to wait." };

/** How the doors in RSA's shape say no (rest, 1 "Errors"). */
export const problems = {
  refusals: {
    400: {
      description: "The message can’t be read, lacks something, or asks for what can’t be.",
      schema: problem,
    },
    403: {
      description: "Who calls isn’t known, or may not do this. The log says why, the answer never.",
      schema: forbidden,
    },
    404: { description: "There is none.", schema: problem },
    409: { description: "Not now.", schema: problem },
    413: { description: "More than 64 KiB.", schema: problem },
    415: { description: "No JSON.", schema: problem },
    429: {
      description: "More calls a second than this client may make, in this instance.",
      schema: problem,
      headers: retry,
    },
    500: { description: "A fault; the description has the request’s id.", schema: problem },
    503: { description: "The database is away.", schema: problem, headers: retry },
  },
  always: [400, 403, 429, 500, 503],
  withBody: [413, 415],
} satisfies Pick<Door, "refusals" | "always" | "withBody">;
