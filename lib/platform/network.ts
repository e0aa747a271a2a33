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
