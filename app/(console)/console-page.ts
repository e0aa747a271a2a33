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

/**
 * Makes a page of the console: staff with both factors and `permission` only, and every fault logged under the request id
 * that the page then shows.
 */
export function consolePage<Props>(
  permission: Permission,
  render: (ctx: StaffContext, props: Props) => Promise<ReactNode>,
): (props: Props) => Promise<ReactNode> {
  return async (props) => {
    const ctx = await requireStaffContext(permission);
    try {
      return await render(ctx, props);
    } catch (error) {
      unstable_rethrow(error);
      if (error instanceof Denied) forbidden();
      const away = isDatabaseAway(error);
      getLog().error({ err: error, requestId: ctx.requestId }, away ? "unavailable" : "fault");
      throw Object.assign(new Fault("page"), { digest: `${away ? awayPrefix : ""}${ctx.requestId}` });
    }
  };
}
