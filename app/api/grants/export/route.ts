import { grantsQuery } from "@/app/(console)/grants/query";
import { exportGrants } from "@/lib/grants/export";
import { staffDownload } from "@/lib/staff/route";

/** What was issued, or what of it is asked for, as a file. */
export const GET = staffDownload("grant:list", grantsQuery.omit({ cursor: true }), exportGrants);
