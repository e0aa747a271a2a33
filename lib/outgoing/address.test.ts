import { expect, test } from "vitest";
import { type Network, parseNetworks } from "@/lib/platform/network";
import { isAddressAllowed, judgeUrl } from "./address";

const networks = (text: string) => parseNetworks(text) as Network[];
const none = networks("");

test.each([
  "127.0.0.1",
  "127.255.255.254",
  "0.0.0.0",
  "10.1.2.3",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "192.0.2.1",
  "198.18.0.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::7f00:1",
  "::ffff:127.0.0.1",
  "::ffff:a9fe:a9fe",
  "::ffff:10.0.0.1",
  "64:ff9b::7f00:1",
  "64:ff9b:1::1",
  "2002:7f00:1::1",
  "2001:0:7f00:1::1",
  "2001:db8::1",
  "fc00::1",
  "fd00:ec2::254",
  "fe80::1",
  "fe80::1%eth0",
  "fec0::1",
  "ff02::1",
  "5f00::1",
  "not an address",
  "",
])("nothing is sent to %s", (address) => {
  expect(isAddressAllowed(address, "https:", none)).toBe(false);
  expect(isAddressAllowed(address, "http:", none)).toBe(false);
});

test.each(["8.8.8.8", "203.0.114.1", "2606:4700::1111", "::ffff:8.8.8.8"])(
  "%s is of the Internet, and reached by https alone",
  (address) => {
    expect(isAddressAllowed(address, "https:", none)).toBe(true);
    expect(isAddressAllowed(address, "http:", networks("0.0.0.0/0,::/0"))).toBe(false);
  },
);

test("a network that the operator names is reached, and no address beside it", () => {
  const named = networks("10.20.0.0/16, fd00:1::/32");
  expect(isAddressAllowed("10.20.3.4", "https:", named)).toBe(true);
  expect(isAddressAllowed("::ffff:10.20.3.4", "https:", named)).toBe(true);
  expect(isAddressAllowed("fd00:1::9", "https:", named)).toBe(true);
  expect(isAddressAllowed("10.21.3.4", "https:", named)).toBe(false);
  expect(isAddressAllowed("fd00:2::9", "https:", named)).toBe(false);
  expect(isAddressAllowed("10.20.3.4", "http:", named)).toBe(false);
});

test("plain http leads to this machine alone, and only where the operator says so", () => {
  const loopback = networks("127.0.0.0/8,::1/128");
  expect(isAddressAllowed("127.0.0.1", "http:", loopback)).toBe(true);
  expect(isAddressAllowed("::1", "http:", loopback)).toBe(true);
  expect(isAddressAllowed("127.0.0.1", "http:", none)).toBe(false);
});

test.each([
  ["https://hooks.example.com/x", null],
  ["https://8.8.8.8/x", null],
  ["http://hooks.example.com/x", "https_needed"],
  ["http://127.0.0.1/x", "https_needed"],
  ["https://127.0.0.1/x", "address_refused"],
  ["https://0x7f.1/x", "address_refused"],
  ["https://2130706433/x", "address_refused"],
  ["https://localhost/x", "address_refused"],
  ["https://a.localhost/x", "address_refused"],
  ["https://[::1]/x", "address_refused"],
  ["https://[::ffff:169.254.169.254]/x", "address_refused"],
  ["https://169.254.169.254/latest/meta-data", "address_refused"],
])("%s is judged as %s", (url, refusal) => {
  expect(judgeUrl(new URL(url), none)).toBe(refusal);
});

test("what is no network is not read as one", () => {
  expect(parseNetworks("10.0.0.0/33")).toBeUndefined();
  expect(parseNetworks("10.0.0.1")).toBeUndefined();
  expect(parseNetworks("example.com")).toBeUndefined();
  expect(parseNetworks(" , ")).toEqual([]);
});
