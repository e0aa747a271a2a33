import "server-only";
import { createHash } from "node:crypto";

/** The weak ETag of a resource: that of all that is told of it (RFC 7644, 3.14). */
export function versionOf(resource: object): string {
  return `W/"${createHash("sha256").update(JSON.stringify(resource)).digest("base64url").slice(0, 22)}"`;
}

/**
 * Whether what is stored is what the caller knows.
 * @param tags the ETags of `If-Match` or `If-None-Match`, untrusted; weak ones and strong ones are the same here.
 */
export function isAmong(tags: string, version: string): boolean {
  const plain = (tag: string) => tag.trim().replace(/^W\//, "");
  return tags.split(",").some((tag) => plain(tag) === "*" || plain(tag) === plain(version));
}
