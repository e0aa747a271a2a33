import { searchUsersSchema } from "@/lib/directory/input";
import { lookUpUsers } from "@/lib/grants/look-up";
import { staffRead } from "@/lib/staff/read";

/** The look-up, as somebody types. */
export const GET = staffRead("user:search", searchUsersSchema.pick({ query: true }), lookUpUsers);
