import { z } from "zod";
import type { OauthScope } from "@/lib/staff/scopes";
import { adminActs } from "./admin-acts";
import { adminLogs } from "./admin-logs";
import { adaAnswer, date, userSchema } from "./admin-user";
import { flag, optional, trimmed, whole } from "./lenient";
import type { Door } from "./operation";
import { operation, type Security } from "./operation";
import { problems } from "./problems";
import { sample } from "./sample";

/** Legacy keys of both roles, and tokens of a scope. */
const either = (scope: OauthScope): Security => [{ legacyKey: [] }, { oauth: [scope] }];
const issues = either("rsa.authenticator.emergency.manage");
const reads = either("rsa.user.read");

const params = { id: "The `id` of the look-up’s answer." };

const issuedShape = {
  emergencyTokencodeId: z.uuid(),
  emergencyTokencode: z.string().describe("Read it aloud now: it is told this once."),
  expirationDate: date,
  offlineExpirationDate: date
    .nullable()
    .describe("Until when a machine without a network takes it; null: of a short code, none does."),
};
const issuedSchema = z.object(issuedShape).meta({ id: "IssuedTokencode" });
const expiryUnit = z.enum(["days", "hours", "minutes"]);
const inAnyCase = (word: typeof expiryUnit) =>
  z.preprocess((value) => (typeof value === "string" ? value.trim().toLowerCase() : value), word);
const issuedV2Schema = z
  .object({
    ...issuedShape,
    oneTimeUse: z.boolean(),
    configurationsLocked: z.boolean().describe("Whether a lock of the company overrode something."),
    configurationsUsed: z.object({ expiryValue: z.int(), expiryUnit, oneTimeUse: z.boolean() }),
  })
  .meta({ id: "IssuedTokencodeV2" });
const issuedExample = {
  emergencyTokencodeId: sample.codeId,
  emergencyTokencode: sample.code,
  expirationDate: "2026-11-29T14:05:00.000Z",
  offlineExpirationDate: "2026-11-29T15:00:00.000Z",
};

const ceilings =
  "What isn’t asked for is as the policy says; a lock of the company overrides what was asked. Beyond the ceiling of the role (24 hours for `helpdesk`, 7 days for `integration` and OAuth clients) or of the policy: 400, which names it. A live code is replaced, and the log says so. The code is a standard one, or a short one where the policy knows no other, in the form that the policy has read aloud. Privileged users get none by a key (403), disabled users none at all (400). While issuing is stopped: 409.";

const revoked = { 200: { description: "Revoked. Empty." } };
const found = { 200: { description: "The user.", schema: userSchema } };

const search = z.object({ emailLike: trimmed(320, 1) });
const searchAbout =
  "`emailLike` is looked for anywhere in the address, as it stands, without regard to case; who has no address isn’t found. Users come in the order of their addresses. Two searches run at once in an instance and a hundred wait; others are told when to come back.";
const pageSize = optional(whole(1, 25)).describe("1 to 25; 25 where nothing is said.");

/** The Cloud Administration API (rest, 1). */
export const adminDoor = {
  name: "Cloud Administration API",
  path: "/AdminInterface/restapi",
  about:
    "What a script does to users and their codes, in the shape of RSA’s interface of that name. Numbers and truth values may be strings, unknown fields and a slash at the end do no harm. 64 KiB a body.",
  security: reads,
  takes: ["application/json"],
  gives: "application/json",
  ...problems,
  operations: {
    issueV1: operation({
      id: "issueTokencode",
      method: "put",
      path: "/v1/users/{id}/emergencyTokencode",
      summary: "Issue an access code for whole days",
      description: ceilings,
      security: issues,
      params,
      body: z.object({ expirationDays: whole(1, 7) }),
      answers: { 200: { description: "The code.", schema: issuedSchema } },
      refusals: [404, 409],
      examples: {
        day: {
          summary: "A code for a day",
          params: { id: sample.userId },
          body: { expirationDays: 1 },
          status: 200,
          answer: issuedExample,
        },
        tooLong: {
          summary: "Longer than there is",
          params: { id: sample.userId },
          body: { expirationDays: 8 },
          status: 400,
          answer: {
            code: "400 BAD_REQUEST",
            description: "/expirationDays: Too big: expected number to be <=7",
          },
        },
        nobody: {
          summary: "Nobody of that id",
          params: { id: "4711" },
          body: { expirationDays: 1 },
          status: 404,
          answer: { code: "404 NOT_FOUND", description: "User 4711 not found" },
        },
      },
    }),
    issueV2: operation({
      id: "issueTokencodeV2",
      method: "put",
      path: "/v2/users/{id}/emergencyTokencode",
      summary: "Issue an access code for minutes, hours or days",
      description: `${ceilings} \`configurationsUsed\` says what was used in the end.`,
      security: issues,
      params,
      isBodyOptional: true,
      body: z
        .object({
          oneTimeUse: optional(flag).describe("false: 400 where the policy has no reusable codes."),
          expiryUnit: optional(inAnyCase(expiryUnit)),
          expiryValue: optional(whole(1, 10_080)).describe("With the unit: 1 minute to 7 days."),
        })
        .nullish()
        .transform((body) => body ?? {}),
      answers: { 200: { description: "The code.", schema: issuedV2Schema } },
      refusals: [404, 409],
      examples: {
        hours: {
          summary: "A code for two hours, good once",
          params: { id: sample.userId },
          body: { expiryUnit: "hours", expiryValue: 2, oneTimeUse: true },
          status: 200,
          answer: {
            ...issuedExample,
            oneTimeUse: true,
            configurationsLocked: false,
            configurationsUsed: { expiryValue: 2, expiryUnit: "hours", oneTimeUse: true },
          },
        },
        half: {
          summary: "A value without its unit",
          params: { id: sample.userId },
          body: { expiryValue: 2 },
          status: 400,
          answer: {
            code: "400 BAD_REQUEST",
            description:
              "expiryUnit (days, hours or minutes) and expiryValue stand together, from 1 minute to 7 days",
          },
        },
      },
    }),
    revoke: operation({
      id: "revokeTokencode",
      method: "delete",
      path: "/v1/users/{id}/emergencyTokencode/{codeId}",
      summary: "Revoke an access code",
      description:
        "A code that ended before is a 200, and nothing changes: a late retry doesn’t touch a newer code. One of another user is a 404.",
      security: issues,
      params: { ...params, codeId: "The `emergencyTokencodeId` of when it was issued." },
      answers: revoked,
      refusals: [404],
      examples: {
        revoke: {
          summary: "Revoke the code that was issued",
          params: { id: sample.userId, codeId: sample.codeId },
          status: 200,
        },
      },
    }),
    revokeLive: operation({
      id: "revokeLiveTokencode",
      method: "delete",
      path: "/v1/users/{id}/emergencyTokencodes",
      summary: "Revoke whichever access code is live",
      description: "The older form. A user without a live code is a 200 too.",
      security: issues,
      params,
      answers: revoked,
      refusals: [404],
      examples: { revoke: { summary: "Whatever is live", params: { id: sample.userId }, status: 200 } },
    }),
    lookUp: operation({
      id: "lookUpUser",
      method: "post",
      path: "/v1/users/lookup",
      summary: "Look a user up by name or address",
      description:
        "By `username`, `email` or both, without regard to case. An address that several share leads to nobody. Phone numbers are masked for a key of the role `helpdesk`. The answer never holds a code.",
      body: z.object({
        email: optional(trimmed(320)),
        username: optional(trimmed(320)),
        searchUnsynched: optional(z.unknown()).describe("Taken and not used: everybody is here."),
      }),
      answers: found,
      refusals: [404],
      examples: {
        byName: {
          summary: "By login",
          body: { username: "ada.lovelace" },
          status: 200,
          answer: adaAnswer,
        },
        nobody: {
          summary: "Nobody of that name",
          body: { username: "nobody" },
          status: 404,
          answer: { code: "404 NOT_FOUND", description: "User nobody not found" },
        },
      },
    }),
    searchV1: operation({
      id: "searchUsers",
      method: "post",
      path: "/v1/users/search",
      summary: "Search by a part of the address",
      description: searchAbout,
      query: z.object({ pageSize }),
      body: search,
      answers: { 200: { description: "Users.", schema: z.array(userSchema) } },
      examples: {
        one: {
          summary: "The first whose address has it",
          query: { pageSize: "1" },
          body: { emailLike: "ada.lovelace@" },
          status: 200,
          answer: [adaAnswer],
        },
      },
    }),
    searchV2: operation({
      id: "searchUsersV2",
      method: "post",
      path: "/v2/users/search",
      summary: "Search by a part of the address, by pages",
      description: searchAbout,
      query: z.object({
        pageSize,
        pageNumber: optional(whole(0, 10_000_000)).describe("From 0; beyond the last page there is nobody."),
      }),
      body: search,
      answers: {
        200: {
          description: "A page of users.",
          schema: z.object({ totalPages: z.int(), totalElements: z.int(), elements: z.array(userSchema) }),
        },
      },
      examples: {
        nobody: {
          summary: "Nobody has it",
          query: { pageSize: "5", pageNumber: "0" },
          body: { emailLike: "@nowhere.example" },
          status: 200,
          answer: { totalPages: 0, totalElements: 0, elements: [] },
        },
      },
    }),
    ...adminActs,
    ...adminLogs,
  },
} satisfies Door;
