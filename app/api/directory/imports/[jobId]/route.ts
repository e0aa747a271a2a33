import { importIdInput } from "@/lib/imports/input";
import { readImport } from "@/lib/imports/read";
import { staffRead } from "@/lib/staff/route";

/** How an import stands, asked for again and again by its open page. */
export const GET = staffRead("directory:read", importIdInput, readImport, { background: true });
