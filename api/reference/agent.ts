import { z } from "zod";
import { createEnrolmentTokenInput } from "@/lib/machines/input";
import {
  enrolAnswerSchema,
  enrolRequestSchema,
  signingKeyAnswerSchema,
  storedRequestSchema,
  syncAnswerSchema,
  syncRequestSchema,
} from "@/lib/machines/wire";
import { type Door, operation, type Security } from "./operation";
import { sample } from "./sample";

const failure = z
  .object({
    error: z.string(),
    message: z.string(),
    requestId: z.string(),
    users: z.array(z.string()).optional().describe("Of `unknown_users`: those who lead to nobody."),
  })
  .meta({ id: "AgentError" });
const retry = { "Retry-After": "The seconds to wait." };
const done = { 204: { description: "Done." } };
const script: Security = [{ legacyKey: [] }];
const machine: Security = [{ machine: [] }];
const open: Security = [];

/** The agent's door (offline). */
export const agentDoor = {
  name: "Machines",
  path: "/agent/v1",
  about:
    "What machines call, and scripts that bring them in: with a legacy key of the role `integration`. A machine signs each request. Bodies are 4 KiB at most, 512 KiB for `sync`, 64 KiB for `enrolment-tokens`; but for `enrol` none is read before it is clear who sends it.",
  security: machine,
  takes: ["application/json"],
  gives: "application/json",
  refusals: {
    400: { description: "`bad_request`, `unknown_users`: not what this call takes.", schema: failure },
    401: {
      description:
        "`unauthorized`: no request of an enrolled machine, or no token of a key that is known; the same for every reason. A machine whose clock is wrong sets `iat` by the answer’s `Date`.",
      schema: failure,
    },
    403: {
      description:
        "`forbidden`: not with this key. `token_refused`: the token is unknown, used, over or of another name, never which.",
      schema: failure,
    },
    404: { description: "`not_found`.", schema: failure },
    409: {
      description:
        "`already_enrolled`: release it first. `key_ended`: the signing key that the machine pins has ended, enrol it again. `not_ended`: nobody ended this machine.",
      schema: failure,
    },
    410: { description: "`ended`: this machine was released or revoked.", schema: failure },
    413: { description: "`too_large`.", schema: failure },
    415: { description: "`bad_request`: no JSON.", schema: failure },
    429: { description: "`too_many`.", schema: failure, headers: retry },
    500: { description: "`fault`.", schema: failure },
    503: { description: "`fault`: the database is away.", schema: failure, headers: retry },
  },
  always: [500, 503],
  withBody: [400, 413, 415],
  operations: {
    offer: operation({
      id: "createEnrolmentToken",
      method: "post",
      path: "/enrolment-tokens",
      summary: "Make an enrolment token",
      description:
        "Good for 10 minutes, once, for that name. Who is named will be on the machine. `unknown_users` names those that lead to nobody.",
      security: script,
      body: createEnrolmentTokenInput,
      answers: {
        200: {
          description: "The token: it is told this once.",
          schema: z.object({ token: z.string(), expiresAt: z.iso.datetime({ precision: 3 }) }),
        },
      },
      refusals: [401, 403, 409, 429],
      examples: {
        token: {
          summary: "For a laptop and who uses it",
          body: { machine: "LAPTOP-7", users: ["ada.lovelace"] },
          status: 200,
          answer: { token: sample.enrolmentToken, expiresAt: "2026-11-28T14:15:00.000Z" },
        },
        unknown: {
          summary: "Somebody who leads to nobody",
          body: { machine: "LAPTOP-8", users: ["no.one"] },
          status: 400,
          answer: {
            error: "unknown_users",
            message: "Nobody is known by these names: no.one",
            requestId: sample.messageId,
            users: ["no.one"],
          },
        },
      },
    }),
    release: operation({
      id: "releaseMachine",
      method: "delete",
      path: "/machines/{name}",
      summary: "Release a machine",
      description: "Its name is free, and what it holds is worth nothing at its next sync.",
      security: script,
      params: { name: "The machine’s name, in any case." },
      answers: done,
      refusals: [401, 403, 404, 429],
      examples: {
        none: {
          summary: "None of that name",
          params: { name: "LAPTOP-9" },
          status: 404,
          answer: {
            error: "not_found",
            message: "No such machine is enrolled",
            requestId: sample.messageId,
          },
        },
      },
    }),
    file: operation({
      id: "getAgentFile",
      method: "get",
      path: "/files/{name}",
      summary: "Fetch the agent",
      description: "The console shows the SHA-256 of each.",
      security: open,
      params: {
        name: "`sparekey-agent.mjs`, `verify-code`, `sparekey-agent.service` or `sparekey-second-factor`.",
      },
      answers: {
        200: { description: "The file.", mediaType: "application/octet-stream", jsonSchema: {} },
      },
      refusals: [404],
      examples: {
        none: {
          summary: "No such file",
          params: { name: "passwd" },
          status: 404,
          answer: { error: "not_found", message: "No such file is here", requestId: sample.messageId },
        },
      },
    }),
    signingKey: operation({
      id: "readSigningKey",
      method: "get",
      path: "/signing-key",
      summary: "Read the key that new machines pin",
      security: open,
      answers: { 200: { description: "Ed25519, raw, base64url.", schema: signingKeyAnswerSchema } },
      examples: {
        key: {
          summary: "Ask",
          status: 200,
          answer: { publicKey: "mY4v1Xk8sQ0fT6nB2wR9dL3zJ7hA5cU1eG8oP4iK0xM" },
        },
      },
    }),
    enrol: operation({
      id: "enrolMachine",
      method: "post",
      path: "/enrol",
      summary: "Enrol",
      description:
        "`wish` is a JWS: `EdDSA` by the key that the token stands for, `kid` its public half, `typ` `sparekey-enrol`, over `machine`, `publicKey`, `signingKey`, `agentVersion`. The token itself never travels.",
      security: open,
      body: enrolRequestSchema,
      answers: {
        201: { description: "A JWS, `typ` `sparekey-enrolment`.", schema: enrolAnswerSchema },
      },
      refusals: [403, 409, 429],
      examples: {
        nonsense: {
          summary: "A wish that is none",
          body: { wish: "nonsense" },
          status: 400,
          answer: { error: "bad_request", message: "The wish to enrol is none", requestId: sample.messageId },
        },
      },
    }),
    sync: operation({
      id: "syncMachine",
      method: "post",
      path: "/sync",
      summary: "Send receipts, get the package",
      description:
        "The package is a JWS, `typ` `sparekey-package`, `kid` the signing key that the machine says it pins; a `nextSigningKey` in it is to be pinned from now on. While `syncSeconds` is 60 some users have no slots yet. 429 beyond 60 calls a minute, and with `Retry-After` of 60 to 900 s where a whole fleet comes at once.",
      body: syncRequestSchema,
      answers: { 200: { description: "The package.", schema: syncAnswerSchema } },
      refusals: [401, 409, 410, 429],
      examples: {
        stranger: {
          summary: "Not signed by a machine",
          body: { agentVersion: "1.0.0", holds: null, pinned: "x".repeat(43), receipts: [] },
          status: 401,
          answer: {
            error: "unauthorized",
            message:
              "No request of an enrolled machine: check the clock by this answer's Date, then enrol again",
            requestId: sample.messageId,
          },
        },
      },
    }),
    stored: operation({
      id: "noteStored",
      method: "post",
      path: "/stored",
      summary: "Say that a package is on the disk",
      body: storedRequestSchema,
      answers: done,
      refusals: [401, 409, 410, 429],
    }),
    leave: operation({
      id: "leaveMachine",
      method: "post",
      path: "/leave",
      summary: "Leave, when everything is deleted",
      description: "The name is free.",
      answers: done,
      refusals: [401, 410, 429],
    }),
    withdrawn: operation({
      id: "noteWithdrawn",
      method: "post",
      path: "/withdrawn",
      summary: "Say that the package was withdrawn",
      description:
        "The one request that is taken of a machine that ended; of one that is enrolled: `not_ended`.",
      answers: done,
      refusals: [401, 409, 429],
    }),
  },
} satisfies Door;
