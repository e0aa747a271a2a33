import { z } from "zod";
import { listThefts } from "@/lib/grants/thefts";
import { staffRead } from "@/lib/staff/route";

/** What was reported stolen and nobody of security has looked at; the console asks again and again. */
export const GET = staffRead("theft:see", z.object({}), async (ctx) => ({ thefts: await listThefts(ctx) }), {
  background: true,
});
