import { z } from "zod";
import { listEndpoints } from "@/lib/outgoing/list";
import { staffRead } from "@/lib/staff/route";

/** Every endpoint, asked for again and again by the open page. */
export const GET = staffRead(
  "webhook:read",
  z.object({}),
  async (ctx) => ({ endpoints: await listEndpoints(ctx) }),
  { background: true },
);
