import { grantsQuery } from "@/app/(console)/grants/query";
import { listGrants } from "@/lib/grants/list";
import { staffRead } from "@/lib/staff/route";

/** Pages of the list of grants after the first. */
export const GET = staffRead("grant:list", grantsQuery, listGrants);
