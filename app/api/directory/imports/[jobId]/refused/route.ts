import { getReader } from "@/components/i18n/server";
import { importIdInput } from "@/lib/imports/input";
import { readRefusedLines } from "@/lib/imports/read";
import { staffDownload } from "@/lib/staff/route";

/** The lines that an import didn't take, as a file. */
export const GET = staffDownload("directory:manage", importIdInput, async (ctx, input) =>
  readRefusedLines(ctx, input, (await getReader()).locale),
);
