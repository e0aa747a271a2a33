import { z } from "zod";
import { listReceiptsInput } from "@/lib/offline/input";
import { listReceipts } from "@/lib/offline/list-receipts";
import { staffRead } from "@/lib/staff/route";

/** Pages of a machine's receipts after the first. */
export const GET = staffRead(
  "machine:read",
  z.object({ id: z.uuid(), before: listReceiptsInput.shape.before }),
  (ctx, { id, before }) => listReceipts(ctx, { machineId: id, before }),
);
