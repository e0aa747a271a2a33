import { z } from "zod";
import { accessRequest } from "../radius-message";
import { type Door, operation } from "./operation";
import { problems } from "./problems";

const attribute = z.object({ op: z.string(), do_xlat: z.boolean(), value: z.array(z.string()) });
const message = attribute.optional().describe("What the user is told.");

const of = (attributes: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, { type: "string", value: [value] }]),
  );

/** The door for FreeRADIUS (docs/radius). */
export const radiusDoor = {
  name: "RADIUS",
  path: "/radius/v1",
  about:
    "What the FreeRADIUS configuration asks that is shipped in docs/radius; nothing else need call it. 64 KiB a body.",
  security: [{ clientKey: [] }],
  takes: ["application/json"],
  gives: "application/json",
  ...problems,
  operations: {
    authenticate: operation({
      id: "answerAccessRequest",
      method: "post",
      path: "/authenticate",
      summary: "Answer an Access-Request",
      description:
        "The attributes as `rlm_rest` writes them; others are passed over. An empty password is asked for one, `sms` or `call` is a text or a call, six digits are an OTP, all else is an access code. A `State` is good once.",
      query: z.object({
        lang: z.enum(["en", "de"]).catch("en").describe("In which language the user is told."),
      }),
      body: accessRequest,
      answers: {
        200: {
          description: "Access-Challenge.",
          schema: z.object({ "reply:Reply-Message": message, "reply:State": attribute }),
        },
        204: { description: "Access-Accept." },
        401: { description: "Access-Reject.", schema: z.object({ "reply:Reply-Message": message }) },
      },
      examples: {
        ask: {
          summary: "Without a password",
          body: of({ "User-Name": "ada.lovelace", "User-Password": "" }),
          status: 200,
          answer: {
            "reply:Reply-Message": {
              op: ":=",
              do_xlat: false,
              value: ["Type your access code, or the word sms for a text, or call for a call."],
            },
            "reply:State": {
              op: ":=",
              do_xlat: false,
              value: ["0x5a1c9e376f244d8bb0e293c7d1f4a8658d0f6c521b7e4a399c542f3e7a6b1d08"],
            },
          },
        },
        wrong: {
          summary: "A wrong code",
          body: of({ "User-Name": "ada.lovelace", "User-Password": "02R8-6JQC-V4MN-9T5M" }),
          status: 401,
          answer: {},
        },
      },
    }),
  },
} satisfies Door;
