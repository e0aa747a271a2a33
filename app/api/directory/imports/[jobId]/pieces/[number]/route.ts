import { storePiece } from "@/lib/imports/ask";
import { chunkNumber, importIdInput } from "@/lib/imports/input";
import { chunkBytesMax } from "@/lib/imports/model";
import { staffUpload } from "@/lib/staff/route";

const where = importIdInput.extend({ number: chunkNumber });

/** Takes a piece of a file that is to be imported. */
export const PUT = staffUpload("directory:manage", where, chunkBytesMax, (ctx, input, bytes) =>
  storePiece(ctx, { ...input, bytes }),
);
