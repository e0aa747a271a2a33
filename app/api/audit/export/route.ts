import { exportLogInput } from "@/lib/audit/list-input";
import { exportLog } from "@/lib/staff/export-log";
import { staffDownload } from "@/lib/staff/route";

/** The log, or what of it is asked for, as a file. */
export const GET = staffDownload("audit:read", exportLogInput, exportLog);
