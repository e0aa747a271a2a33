import { z } from "zod";
import { type Door, operation } from "./operation";

const schema = z.object({
  status: z.enum(["serving", "not_serving"]),
  parts: z.object({
    database: z.enum(["up", "down"]),
    worker: z.enum(["up", "stalled"]),
    process: z.enum(["up", "stopping"]),
  }),
});

/** What watches ask (contract, "Fixed paths"). */
export const healthDoor = {
  name: "Health",
  path: "",
  about: "For load balancers and watches.",
  security: [],
  takes: [],
  gives: "application/json",
  refusals: {},
  always: [],
  withBody: [],
  operations: {
    healthz: operation({
      id: "readHealth",
      method: "get",
      path: "/healthz",
      summary: "Ask whether this instance serves",
      answers: {
        200: { description: "It serves.", schema },
        503: { description: "It doesn’t: a part is down.", schema },
      },
      examples: {
        serves: {
          summary: "It serves",
          status: 200,
          answer: { status: "serving", parts: { database: "up", worker: "up", process: "up" } },
        },
      },
    }),
  },
} satisfies Door;
