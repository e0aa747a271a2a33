import type { NextRequest } from "next/server";
import { authHandlers } from "@/lib/staff/auth";

/** The way back from the OpenID provider: all that next-auth need answer over HTTP. Everything else of it is done by server actions. */
export async function GET(request: NextRequest): Promise<Response> {
  if (request.nextUrl.pathname !== "/api/auth/callback/oidc") return new Response(null, { status: 404 });
  return authHandlers.GET(request);
}
