import "server-only";
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { KoaContextWithOIDC } from "oidc-provider";
import { getConfig } from "@/lib/platform/config";
import words from "./plain-page.json" with { type: "json" };

type Locale = keyof typeof words;
const locales = Object.keys(words) as Locale[];

/** As the pages at `/otp` look, in one file that loads nothing. */
const style = `
:root { color-scheme: light dark; font: 1rem/1.75 ui-sans-serif, system-ui, sans-serif; }
body { margin: 0; min-height: 100dvh; background: light-dark(#fff, #1b1b19); color: light-dark(#1b1a17, #edece7); }
main { box-sizing: border-box; padding: 1.75rem 1.5rem 2.5rem; }
h1 { font-size: 1.75rem; line-height: 2.25rem; letter-spacing: -0.02em; margin: 0; }
p { margin: 0.5rem 0 0; color: light-dark(#615e56, #a6a298); text-wrap: pretty; }
.company { margin: 0 0 2rem; color: inherit; font-weight: 600; overflow-wrap: anywhere; }
code { display: block; margin-top: 0.5rem; padding: 0.75rem 1rem; border-radius: 0.625rem; background: light-dark(#f0efeb, #252522);
  color: light-dark(#1b1a17, #edece7); font: 0.85rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
.number { margin-top: 1.5rem; }
a { display: flex; align-items: center; justify-content: center; min-height: 3.5rem; margin-top: 2rem; border-radius: 0.75rem;
  background: light-dark(#115e56, #6cc5b8); color: light-dark(#fff, #0b2622); font-size: 1.125rem; font-weight: 600; text-decoration: none; }
@media (min-width: 40rem) {
  body { background: light-dark(#f7f7f5, #131312); }
  main { width: 27rem; min-height: 28rem; margin: 8vh auto 3rem; padding: 2.25rem; border: 1px solid light-dark(#e4e2dc, #30302c);
    border-radius: 0.75rem; background: light-dark(#fff, #1b1b19); }
}`;

const styleSource = `'sha256-${createHash("sha256").update(style).digest("base64")}'`;

/** What a browser may do with an answer of this door: nothing but what stands in it, and send on what it says. */
export function makePolicy(): string {
  return `default-src 'none'; script-src 'self'; style-src ${styleSource}; base-uri 'none'; frame-ancestors 'none'`;
}

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const toHtml = (text: string) => text.replace(/[&<>"']/g, (symbol) => escapes[symbol] ?? "");

/** The page's language: the first that the browser asks for and that we speak. */
function pickLocale(accepted: string): Locale {
  const asked = accepted
    .slice(0, 500)
    .split(",")
    .map((part) => part.trim().slice(0, 2).toLowerCase());
  return locales.find((locale) => locale === asked.find((word) => word in words)) ?? "en";
}

function makePage(locale: Locale, { title, lead }: { title: string; lead: string }, more: string): string {
  return `<!doctype html>
<html lang="${locale}" dir="${locale === "ar" ? "rtl" : "ltr"}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>${title}</title><style>${style}</style>
<body><main><p class="company">${toHtml(getConfig().SPAREKEY_COMPANY)}</p>
<h1>${title}</h1><p>${lead}</p>${more}</main></body></html>
`;
}

/** Makes the page that says that a sign-in can't go on, with what the helpdesk finds it by. `code`: OAuth's word for it. */
export function makeErrorPage(accepted: string, code: string, requestId: string): string {
  const locale = pickLocale(accepted);
  const { expired, refused, fault, number } = words[locale];
  const isOurs = ["server_error", "temporarily_unavailable"].includes(code);
  const said = code === "session_not_found" ? expired : isOurs ? fault : refused;
  return makePage(
    locale,
    said,
    `<p class="number">${number}</p><code dir="ltr">${toHtml(code)}<br>${toHtml(requestId)}</code>`,
  );
}

/**
 * Makes the page that a browser passes through on its way back. It isn't led on by the answer itself: a form of ours was sent, and those lead
 * to nobody else (`form-action`).
 */
export function makeWayPage(accepted: string, address: string): string {
  const locale = pickLocale(accepted);
  const { in: said, goOn } = words[locale];
  return makePage(locale, said, `<a href="${toHtml(address)}">${goOn}</a>`);
}

/** Answers 503 with a page that loads nothing, says that it wasn't the reader's fault, and leads to the same address again. */
export function sendBusyPage(request: IncomingMessage, response: ServerResponse, retrySeconds: number): void {
  const locale = pickLocale(request.headers["accept-language"] ?? "");
  const { busy, again } = words[locale];
  response
    .writeHead(503, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": makePolicy(),
      "retry-after": String(retrySeconds),
      "cache-control": "no-store",
    })
    .end(makePage(locale, busy, `<a href="">${again}</a>`));
}

/** What the provider shows where it can't lead the browser back. */
export async function renderErrorPage(
  ctx: KoaContextWithOIDC,
  { error }: { error: string },
  cause: Error,
): Promise<void> {
  ctx.type = "html";
  ctx.body = makeErrorPage(
    ctx.get("accept-language"),
    cause.name === "SessionNotFound" ? "session_not_found" : error,
    ctx.get("x-request-id"),
  );
}
