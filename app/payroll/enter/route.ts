import { unstable_rethrow } from "next/navigation";
import { type NextRequest, NextResponse } from "next/server";
import { findHolder } from "@/app/otp/attempt";
import { toStep, toTrouble } from "@/app/otp/steps";
import { consumeAttempt } from "@/lib/authn/consume";
import { isDemo } from "@/lib/platform/config";
import { reportFault } from "@/lib/staff/door";
import { publicRequestContext } from "@/lib/staff/session";
import { openPayrollSession } from "../session";

function leadTo(path: string): NextResponse {
  return new NextResponse(null, { status: 303, headers: { location: path, "cache-control": "no-store" } });
}

/**
 * Takes up a success at `/otp`, once, and lets who earned it in. Answers navigations of a browser alone: what Next fetches
 * ahead on the server or in the page would use the success up and lose the cookie.
 */
export async function GET(request: NextRequest): Promise<NextResponse> {
  if (!isDemo()) return new NextResponse(null, { status: 404 });
  if ((request.headers.get("sec-fetch-mode") ?? "navigate") !== "navigate")
    return new NextResponse(null, { status: 406, headers: { "cache-control": "no-store" } });
  const ctx = await publicRequestContext();
  const attemptId = request.nextUrl.searchParams.get("attempt") ?? "";
  try {
    const holder = await findHolder(attemptId);
    const consumed = holder && (await consumeAttempt(ctx, { attemptId, holder, application: "payroll" }));
    if (consumed?.ok) {
      const { displayName, method } = consumed;
      await openPayrollSession({ displayName, method });
    }
    return leadTo("/payroll");
  } catch (error) {
    unstable_rethrow(error);
    const { requestId } = reportFault(error, ctx.requestId);
    return leadTo(toTrouble(requestId, toStep(attemptId, "in")));
  }
}
