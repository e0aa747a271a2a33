import { encode } from "next-auth/jwt";
import { cookieName, listCookieSecrets } from "@/lib/staff/session-cookie";

/** The header by which a browser brings the session that `token` names, sealed as it is at sign-in, or by other `secrets`. */
export async function sealCookie(token: string, secrets: string[] = listCookieSecrets()): Promise<string> {
  const sealed = await encode({ token: { session: token }, secret: secrets, salt: cookieName() });
  return `${cookieName()}=${sealed}`;
}
