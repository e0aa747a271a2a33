import ipaddr from "ipaddr.js";

/**
 * The network that an address counts for: an IPv4 address for itself, also where it is written as IPv6 (`::ffff:203.0.113.7`);
 * an IPv6 address for its /64, which a single line has to itself. One network has one spelling.
 * @returns `unknown` for no address, and for what is none.
 */
export function toNetwork(address: string | null): string {
  if (address === null || !ipaddr.isValid(address)) return "unknown";
  const known = ipaddr.process(address);
  if (known instanceof ipaddr.IPv4) return known.toString();
  return `${new ipaddr.IPv6([...known.parts.slice(0, 4), 0, 0, 0, 0])}/64`;
}

/** A block of addresses, and the bits that they share. */
export type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Whether `address` is in `network`; one of the other protocol never is. */
export function isIn(address: ipaddr.IPv4 | ipaddr.IPv6, network: Network): boolean {
  return address.kind() === network[0].kind() && address.match(network);
}

/**
 * Reads networks as an operator writes them: CIDR, parted by commas.
 * @returns undefined where one of them is none.
 */
export function parseNetworks(text: string): Network[] | undefined {
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  return parts.every((part) => ipaddr.isValidCIDR(part))
    ? parts.map((part) => ipaddr.parseCIDR(part))
    : undefined;
}
