import { listMessagesInput } from "@/lib/outgoing/input";
import { listMessages } from "@/lib/outgoing/list";
import { staffRead } from "@/lib/staff/route";

/** Pages of the list of messages, asked for again and again by the open page. */
export const GET = staffRead("webhook:read", listMessagesInput, listMessages, { background: true });
