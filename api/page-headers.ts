import "server-only";
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { getConfig, isSecure } from "@/lib/platform/config";

/** Pages of ours that strangers use, and whose styles all come from files. */
const STRICT = /^\/(otp|payroll|docs)([/?]|$)/;

/** Where a form may lead to another origin: to the company's OpenID provider. */
const LEADS_OUT = /^\/(signin|account|api\/auth)([/?]|$)/;

/**
 * Sets on a page's answer what a browser may do with it: run only scripts that carry this answer's nonce, load from
 * nowhere else, show it in no frame, tell no other origin where it was (ASVS V3.4). Next reads the nonce from the request,
 * so whatever the caller sent under that name is replaced.
 */
export function setPageHeaders(request: IncomingMessage, response: ServerResponse): void {
  const { NODE_ENV } = getConfig();
  const path = request.url ?? "/";
  const development = NODE_ENV === "development";
  const nonce = randomBytes(16).toString("base64");
  const policy = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    `style-src 'self'${STRICT.test(path) && !development ? "" : " 'unsafe-inline'"}`,
    "img-src 'self' data: blob:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    ...(LEADS_OUT.test(path) ? [] : ["form-action 'self'"]),
    ...(isSecure() ? ["upgrade-insecure-requests"] : []),
  ].join("; ");
  delete request.headers["content-security-policy-report-only"];
  request.headers["content-security-policy"] = policy;
  response.setHeader("content-security-policy", policy);
  response.setHeader("x-frame-options", "DENY");
  response.setHeader("referrer-policy", "same-origin");
  response.setHeader("cross-origin-opener-policy", "same-origin");
  response.setHeader("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
  if (isSecure()) response.setHeader("strict-transport-security", "max-age=31536000");
}
