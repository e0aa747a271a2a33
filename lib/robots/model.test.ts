import { expect, test } from "vitest";
import { askRates, decideProofNeeded, toNetwork } from "./model";

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::9", "2001:db8:1:2::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  [null, "unknown"],
])("%s counts for the network %s", (address, network) => {
  expect(toNetwork(address)).toBe(network);
});

test("a proof is needed above either rate, and not at it", () => {
  const { fromOneNetwork, inTotal } = askRates;
  expect(decideProofNeeded({ fromOneNetwork, inTotal })).toBe(false);
  expect(decideProofNeeded({ fromOneNetwork: fromOneNetwork + 1, inTotal: 1 })).toBe(true);
  expect(decideProofNeeded({ fromOneNetwork: 1, inTotal: inTotal + 1 })).toBe(true);
});
