import { listEventsInput } from "@/lib/audit/list-input";
import { listEvents } from "@/lib/staff/list-events";
import { staffRead } from "@/lib/staff/route";

/** Pages of the log after the first. */
export const GET = staffRead("audit:read", listEventsInput, listEvents);
