import ipaddr from "ipaddr.js";
import { isIn, type Network } from "@/lib/platform/network";

/** Where Azure answers machines about themselves, at an address that looks like any other. */
const azureMetadata = "168.63.129.16";

/** The one block of IPv6 that is given to hosts of the Internet (IANA, "Internet Protocol Version 6 Address Space"). */
const globalUnicast: Network = ipaddr.parseCIDR("2000::/3");

/**
 * Whether something may be sent to `address`: an address of the Internet by https, or one in `allowed`. Plain http only to this
 * machine itself, where that is in `allowed`. An IPv4 address counts for itself also where it is written as IPv6.
 */
export function isAddressAllowed(
  address: string,
  protocol: "https:" | "http:",
  allowed: readonly Network[],
): boolean {
  if (!ipaddr.isValid(address)) return false;
  const known = ipaddr.process(address);
  const isNamed = allowed.some((network) => isIn(known, network));
  if (protocol === "http:") return isNamed && known.range() === "loopback";
  if (isNamed) return true;
  if (known.range() !== "unicast") return false;
  return known.kind() === "ipv4" ? known.toString() !== azureMetadata : isIn(known, globalUnicast);
}

/** Why nothing will ever be sent to an address as it is written. A name is judged by where it leads, each time. */
export type UrlRefusal = "https_needed" | "address_refused";

/** Judges the address of an endpoint by itself; null: nothing speaks against it. */
export function judgeUrl(url: URL, allowed: readonly Network[]): UrlRefusal | null {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const literal = host === "localhost" || host.endsWith(".localhost") ? "127.0.0.1" : host;
  const isLiteral = ipaddr.isValid(literal);
  if (url.protocol !== "https:" && !(isLiteral && isAddressAllowed(literal, "http:", allowed)))
    return "https_needed";
  return isLiteral && !isAddressAllowed(literal, "https:", allowed) ? "address_refused" : null;
}
