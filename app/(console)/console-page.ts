import "server-only";
import { forbidden, unstable_rethrow } from "next/navigation";
import type { ReactNode } from "react";
import { awayPrefix } from "@/components/fault";
import { getLog } from "@/lib/platform/log";
import { Denied, Fault } from "@/lib/platform/outcome";
import { isDatabaseAway } from "@/lib/platform/transaction";
import type { StaffContext } from "@/lib/staff/live-session";
import type { Permission } from "@/lib/staff/model";
import { requireStaffContext } from "@/lib/staff/session";

/** What Next hands to a page. */
export interface PageInput {
  params: Promise<Record<string, string>>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/**
 * Makes a page of the console: staff with both factors and `permission` only, and every fault logged under the request id
 * that the page then shows.
 * @param permission null: every staff member may, for what concerns only their own account.
 */
export function consolePage(
  permission: Permission | null,
  render: (ctx: StaffContext, input: PageInput) => Promise<ReactNode>,
): (input: PageInput) => Promise<ReactNode> {
  return async (input) => {
    const ctx = await requireStaffContext(permission ?? undefined);
    try {
      return await render(ctx, input);
    } catch (error) {
      unstable_rethrow(error);
      if (error instanceof Denied) forbidden();
      const away = isDatabaseAway(error);
      getLog().error({ err: error, requestId: ctx.requestId }, away ? "unavailable" : "fault");
      throw Object.assign(new Fault("page"), { digest: `${away ? awayPrefix : ""}${ctx.requestId}` });
    }
  };
}
