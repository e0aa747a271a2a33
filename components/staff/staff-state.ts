import type { Tone } from "@/components/ui/badge";
import type { StaffListRow } from "@/lib/staff/store";

/** What is to be said of a staff member's account, and how loudly. In the demo nobody needs a second factor. */
export function decideStaffState(
  staff: StaffListRow,
  demo: boolean,
): {
  state: "active" | "invited" | "locked" | "disabled" | "noFactor";
  tone: Tone;
} {
  if (staff.disabledAt !== null) return { state: "disabled", tone: "neutral" };
  if (staff.lockedSeconds > 0) return { state: "locked", tone: "warn" };
  if (!staff.hasPassword && !staff.hasOidc && staff.passkeys === 0)
    return { state: "invited", tone: "accent" };
  if (!demo && staff.passkeys === 0 && !staff.hasTotp && !staff.hasOidc)
    return { state: "noFactor", tone: "warn" };
  return { state: "active", tone: "ok" };
}

/** By what a staff member signs in. */
export function listMethods(staff: StaffListRow): ("password" | "passkey" | "totp" | "oidc")[] {
  return [
    ...(staff.hasPassword ? (["password"] as const) : []),
    ...(staff.passkeys > 0 ? (["passkey"] as const) : []),
    ...(staff.hasTotp ? (["totp"] as const) : []),
    ...(staff.hasOidc ? (["oidc"] as const) : []),
  ];
}
