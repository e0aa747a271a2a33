const BASE = "http://ours.invalid";

/**
 * Narrows text to a path of ours that one may be sent back to after signing in; undefined for anything else:
 * another origin, the way in itself, or the front page, where one ends up anyway.
 */
export function toReturnPath(text: string | null | undefined): string | undefined {
  if (!text?.startsWith("/") || text.includes("\\") || !URL.canParse(text, BASE)) return undefined;
  const url = new URL(text, BASE);
  const { origin, pathname } = url;
  if (origin !== BASE || pathname === "/" || pathname.startsWith("//")) return undefined;
  if (/^\/(signin|setup|api)(\/|$)/.test(pathname)) return undefined;
  url.searchParams.delete("_rsc");
  return `${pathname}${url.search}`;
}

/** The sign-in of whose session has ended in the middle of something, to come back to `returnTo`. */
export function toSignInPath(returnTo: string): string {
  return `/signin?${new URLSearchParams({ ended: "", return: returnTo })}`;
}

/** The page at which staff show the second factor again, to come back to `returnTo`. */
export function toStepUpPath(returnTo: string): string {
  return `/signin/step-up?${new URLSearchParams({ return: returnTo })}`;
}
