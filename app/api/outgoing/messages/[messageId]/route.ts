import { messageInput } from "@/lib/outgoing/input";
import { readMessage } from "@/lib/outgoing/list";
import { staffRead } from "@/lib/staff/route";

/** The body of a message, and each time that it was sent. */
export const GET = staffRead("webhook:read", messageInput, readMessage, { background: true });
