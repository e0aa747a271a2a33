import "server-only";
import { forbidden, unstable_rethrow } from "next/navigation";
import type { ReactNode } from "react";
import { awayPrefix } from "@/components/fault";
import { getLog } from "@/lib/platform/log";
import { Denied, Fault } from "@/lib/platform/outcome";
import { isDatabaseAway } from "@/lib/platform/transaction";
import type { StaffContext } from "@/lib/staff/live-session";
import type { Permission } from "@/lib/staff/model";
import { publicRequestContext, requireStaffContext } from "@/lib/staff/session";

/** What Next hands to a page. */
export interface PageInput {
  params: Promise<Record<string, string>>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/**
 * Does what a page or layout does, and logs every fault under the request id that the error page then shows.
 * What Next throws to lead elsewhere passes; a denial becomes the page "not for your role".
 */
export async function withFaultLogged<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    unstable_rethrow(error);
    if (error instanceof Denied) forbidden();
    const { requestId } = await publicRequestContext();
    const away = isDatabaseAway(error);
    getLog().error({ err: error, requestId }, away ? "unavailable" : "fault");
    throw Object.assign(new Fault("page"), { digest: `${away ? awayPrefix : ""}${requestId}` });
  }
}

/**
 * Makes a page of the console: for staff with both factors and `permission` only.
 * @param permission null: every staff member may, for what concerns only their own account.
 */
export function consolePage(
  permission: Permission | null,
  render: (ctx: StaffContext, input: PageInput) => Promise<ReactNode>,
): (input: PageInput) => Promise<ReactNode> {
  return (input) =>
    withFaultLogged(async () => render(await requireStaffContext(permission ?? undefined), input));
}
