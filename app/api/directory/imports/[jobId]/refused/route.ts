import { importIdInput } from "@/lib/imports/input";
import { readRefusedLines } from "@/lib/imports/read";
import { staffDownload } from "@/lib/staff/read";

/** The lines that an import didn't take, as a file. */
export const GET = staffDownload("directory:manage", importIdInput, readRefusedLines);
