import type { Context } from "@/lib/platform/context";

/** A helpdesk member, for what is measured below the sign-in. */
export const staffOfBench: Context = {
  actor: {
    kind: "staff",
    staffId: "00000000-0000-4000-8000-000000000001",
    sessionId: "00000000-0000-4000-8000-000000000002",
    name: "Bench",
    email: "bench@sparekey.test",
    role: "helpdesk",
    userDirectoryId: null,
    isSteppedUp: false,
  },
  requestId: "bench",
  sourceIp: null,
  userAgent: null,
};
