import { z } from "zod";
import { optional, whole } from "./lenient";
import { operation } from "./operation";
import { sample } from "./sample";

/** Whether a text begins with a day that the calendar has: `Date` takes 30 February for 2 March. */
function isDay(text: string): boolean {
  const day = text.slice(0, 10);
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

/** ISO 8601; a `+` that came unencoded is a blank by now. Without a zone: UTC. */
const time = z
  .string()
  .max(40)
  .transform((text) => text.trim().replace(/ (?=\d\d:?\d\d$)/, "+"))
  .pipe(
    z
      .string()
      .regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d([.]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/i, {
        error: "Expected a time in ISO 8601",
      })
      .refine(isDay, { error: "There is no such day" }),
  )
  .transform(
    (text) => new Date(/(Z|T.*[+-]\d\d:?\d\d)$/i.test(text) || text.length === 10 ? text : `${text}Z`),
  )
  .pipe(z.date().min(new Date(0)).max(new Date("2999-12-31")));

/** What is beyond 1 to 100 is taken as 100, as RSA does. */
const pageSize = whole(-99_999_999, 99_999_999).pipe(
  z.int().transform((size) => (size >= 1 && size <= 100 ? size : 100)),
);

const times = {
  startTimeAfter: optional(time).describe("Later than this; ISO 8601, UTC without a zone."),
  endTimeOnOrBefore: optional(time).describe("This or earlier; now where nothing is said."),
};
const exportQuery = z.object({
  ...times,
  startTimeAfter: times.startTimeAfter.describe(
    "Later than this; a day ago, from the beginning of that hour, where nothing is said. ISO 8601, UTC without a zone.",
  ),
  pageNumber: optional(whole(0, 99_999_999)).describe("From 0."),
  pageSize: optional(pageSize).describe("1 to 100; 100 for anything else."),
});

const some = z.string().nullable();
const at = z.iso.datetime({ precision: 3 });

/** An entry of the user event log and of a user's own (rest, 1 "User log entry"). */
export const userLogEntrySchema = z
  .object({
    eventId: z.string(),
    eventLogDate: at,
    eventType: z.literal("user"),
    eventLevel: z.enum(["info", "warning", "error"]),
    eventCategory: z.string(),
    serverIPAddress: some,
    tenantId: some,
    customerName: z.string(),
    userId: some.describe("The user’s address, or login."),
    sourceIPAddress: some,
    eventCode: some.describe("A number, as text."),
    eventDescription: z.string(),
    application: some,
    method: some,
    deviceName: some,
    deviceId: some,
    policyId: some,
    policyName: some,
    authenticationDetails: some,
    assuranceLevel: some,
    verboseFlag: z.boolean(),
    userActivityId: some,
    transactionId: some,
  })
  .meta({ id: "UserLogEntry" });

/** An entry of the admin event log (rest, 1 "Admin log entry"). */
export const adminLogEntrySchema = z
  .object({
    eventId: z.string(),
    eventLogDate: at,
    eventType: z.literal("admin"),
    serverURL: z.string(),
    serverIPAddress: some,
    application: z.string(),
    customerId: some,
    customerName: z.string(),
    sourceIPAddress: some,
    adminUserName: some,
    adminUserRole: some,
    activityKey: z.string(),
    activityCode: z.int().nullable(),
    result: z.enum(["SUCCESS", "FAIL"]),
    reasonKey: some,
    message: z.string(),
    requiresPublish: z.boolean(),
    targetObject1Id: some,
    targetObject1Name: some,
    targetObject1Type: some,
    targetObject2Id: some,
    targetObject2Name: some,
    targetObject2Type: some,
  })
  .meta({ id: "AdminLogEntry" });

const page = { totalPages: z.int(), totalElements: z.int(), pageSize: z.int(), currentPage: z.int() };
const exportAbout =
  "The oldest event first. Read all pages of one `startTimeAfter`, which goes with each of them; who comes again begins after the last `eventLogDate`: none comes in before it later, and what is being written meanwhile is told once it is all there. So leave `endTimeOnOrBefore` out, or keep it a minute in the past. Each page that is read is itself an event (`AUDIT_READ`) of the admin log. Two exports run at once in an instance and a hundred wait; others are told when to come back.";

/** The numbers of events (rest, 1 "Known event codes"). */
const numbers =
  "Numbers of RSA’s: for texts 20801 asked for, 20802 no good number, 20803 not sent, 20804 asked for again, 20805 not delivered, 21901 right, 21902 wrong, 21903 too many; for calls 20851 to 20855, 21951, 21952, 21953 likewise; 2 locked, 3 unlocked. Ours: access code 30001 right, 30002 wrong or dead, 30003 used offline after its end; texts, calls and notices 30011 asked for, 30012 handed over, 30013 delivered, 30014 failed, 30015 unknown; sign-in 30021 begun, 30022 failed, 30023 cancelled, 30024 not taken up, 30025 an application opened; 30031 and 30032 what else became of an OTP and of unlocking.";

const past = { startTimeAfter: "2020-01-01T00:00:00Z", endTimeOnOrBefore: "2020-01-02T00:00:00Z" };

const legacy = "Of legacy keys, those of the role `integration` may read it.";

/** The logs (rest, 1). */
export const adminLogs = {
  userLog: operation({
    id: "readUserLog",
    method: "get",
    path: "/v1/users/{id}/authlogs",
    summary: "Read a user’s log",
    description: `The newest 100 events, the newest first. ${numbers} ${legacy}`,
    security: [{ legacyKey: [] }, { oauth: ["rsa.audit.user"] }],
    params: { id: "The `id` of the look-up’s answer." },
    query: z.object({
      ...times,
      eventCode: optional(whole(0, 99_999_999)).describe("Only events of this number."),
    }),
    answers: { 200: { description: "Events.", schema: z.array(userLogEntrySchema) } },
    refusals: [404],
    examples: {
      none: {
        summary: "What happened on a day long ago",
        params: { id: sample.userId },
        query: past,
        status: 200,
        answer: [],
      },
    },
  }),
  userEvents: operation({
    id: "exportUserEvents",
    method: "get",
    path: "/v1/usereventlog/exportlogs",
    summary: "Export user events",
    description: `${exportAbout} ${numbers} ${legacy}`,
    security: [{ legacyKey: [] }, { oauth: ["rsa.audit.user"] }],
    query: exportQuery,
    answers: {
      200: {
        description: "A page of events.",
        schema: z.object({ ...page, userEventLogExportEntries: z.array(userLogEntrySchema) }),
      },
    },
    examples: {
      none: {
        summary: "A day long ago",
        query: past,
        status: 200,
        answer: {
          totalPages: 0,
          totalElements: 0,
          pageSize: 100,
          currentPage: 0,
          userEventLogExportEntries: [],
        },
      },
      noTime: {
        summary: "No time",
        query: { startTimeAfter: "yesterday" },
        status: 400,
        answer: {
          code: "400 BAD_REQUEST",
          description: "/startTimeAfter: Expected a time in ISO 8601",
        },
      },
    },
  }),
  adminEvents: operation({
    id: "exportAdminEvents",
    method: "get",
    path: "/v1/adminlog/exportlogs",
    summary: "Export admin events",
    description: `What staff, programs and the system did. ${exportAbout} They have no numbers (\`activityCode\` is null): \`activityKey\` tells. ${legacy}`,
    security: [{ legacyKey: [] }, { oauth: ["rsa.audit.admin"] }],
    query: exportQuery,
    answers: {
      200: {
        description: "A page of events.",
        schema: z.object({ ...page, elements: z.array(adminLogEntrySchema) }),
      },
    },
    examples: {
      none: {
        summary: "A day long ago",
        query: past,
        status: 200,
        answer: { totalPages: 0, totalElements: 0, pageSize: 100, currentPage: 0, elements: [] },
      },
    },
  }),
};
