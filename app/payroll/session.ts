import "server-only";
import { cookies } from "next/headers";
import { z } from "zod";
import { isSecure } from "@/lib/platform/config";
import { open, seal } from "@/lib/platform/keys";

/** Who is in the demo's payroll application, and until when. */
export interface PayrollSession {
  displayName: string;
  method: "sms" | "voice" | "access_code";
  /** ms since 1970. */
  until: number;
}

/** How long one is in before one must prove it again. */
const sessionSeconds = 15 * 60;

const stored = z.object({
  displayName: z.string(),
  method: z.enum(["sms", "voice", "access_code"]),
  until: z.number(),
});
const boundTo = "payroll";

function cookieName(): string {
  return `${isSecure() ? "__Host-" : ""}sparekey-payroll`;
}

function attributes(maxAge: number) {
  return { httpOnly: true, secure: isSecure(), sameSite: "lax", path: "/", maxAge } as const;
}

/** Lets who was proven in: a sealed cookie of this application's own. */
export async function openPayrollSession(who: Omit<PayrollSession, "until">): Promise<void> {
  const session: PayrollSession = { ...who, until: Date.now() + sessionSeconds * 1000 };
  const { cipher, keyId } = seal("session", Buffer.from(JSON.stringify(session)), boundTo);
  const value = `${keyId}.${Buffer.from(cipher).toString("base64url")}`;
  (await cookies()).set(cookieName(), value, attributes(sessionSeconds));
}

/** Finds who is in; undefined where nobody is, or the time is over. */
export async function findPayrollSession(): Promise<PayrollSession | undefined> {
  const [keyId = "", cipher = ""] = ((await cookies()).get(cookieName())?.value ?? "").split(".");
  if (!/^[0-9a-f]{16}$/.test(keyId) || cipher.length < 40) return undefined;
  try {
    const plain = open("session", { keyId, cipher: Buffer.from(cipher, "base64url") }, boundTo);
    const session = stored.parse(JSON.parse(Buffer.from(plain).toString("utf8")));
    return session.until > Date.now() ? session : undefined;
  } catch {
    return undefined;
  }
}

/** Lets nobody be in on this browser. */
export async function closePayrollSession(): Promise<void> {
  (await cookies()).set(cookieName(), "", attributes(0));
}
