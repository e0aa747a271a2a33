import { z } from "zod";
import { readCall } from "@/app/(console)/users/[id]/read-call";
import { staffRead } from "@/lib/staff/route";

/** What moves during a call, asked for again and again by the open page. */
export const GET = staffRead("user:read", z.object({ id: z.uuid() }), (ctx, { id }) => readCall(ctx, id), {
  background: true,
});
