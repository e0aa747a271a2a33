import { z } from "zod";
import { previewOfflineInput } from "@/lib/offline/input";
import { previewOffline } from "@/lib/offline/preview-offline";
import { staffRead } from "@/lib/staff/route";

const query = previewOfflineInput.omit({ userId: true }).extend({ id: z.uuid() });

/** Where a standard code would work without a network if it were issued now. */
export const GET = staffRead(
  "machine:read",
  query,
  (ctx, { id, ...wanted }) => previewOffline(ctx, { userId: id, ...wanted }),
  { background: true },
);
