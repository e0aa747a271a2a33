import { z } from "zod";
import { listImports } from "@/lib/imports/read";
import { staffRead } from "@/lib/staff/route";

/** Where people come from, and how the last imports stand: asked for again and again by the open page. */
export const GET = staffRead("directory:read", z.object({}), listImports, { background: true });
