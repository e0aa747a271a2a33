import { listMachinePage, machinesQuery } from "@/app/(console)/machines/query";
import { staffRead } from "@/lib/staff/route";

/** The list of machines, page by page, and whether one that is waited for has come. */
export const GET = staffRead("machine:read", machinesQuery, listMachinePage, { background: true });
