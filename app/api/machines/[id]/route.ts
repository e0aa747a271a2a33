import { z } from "zod";
import { readMachinePage } from "@/app/(console)/machines/[id]/read-machine-page";
import { staffRead } from "@/lib/staff/route";

/** What moves on a machine's page, asked for again and again by the open page. */
export const GET = staffRead(
  "machine:read",
  z.object({ id: z.uuid() }),
  (ctx, { id }) => readMachinePage(ctx, id),
  { background: true },
);
