import net from "node:net";
import { BerReader, BerWriter, PresenceFilter } from "ldapts";
import { afterEach, expect, test } from "vitest";
import { withDirectory } from "./ldap-adapter";
import { type DirectoryScope, defaultsOf } from "./model";
import { DirectoryReader } from "./reader";

const bindRequest = 0x60;
const searchRequest = 0x63;
const pagedResults = "1.2.840.113556.1.4.319";

function toMessage(id: number, operation: number, write: (writer: BerWriter) => void, cookie = ""): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(operation);
  write(writer);
  writer.endSequence();
  if (cookie !== "") {
    const value = new BerWriter();
    value.startSequence();
    value.writeInt(0);
    value.writeString(cookie);
    value.endSequence();
    writer.startSequence(0xa0);
    writer.startSequence();
    writer.writeString(pagedResults);
    writer.writeBuffer(value.buffer, 0x04);
    writer.endSequence();
    writer.endSequence();
  }
  writer.endSequence();
  return writer.buffer;
}

const toResult = (id: number, operation: number, cookie = "") =>
  toMessage(
    id,
    operation,
    (writer) => {
      writer.writeEnumeration(0);
      writer.writeString("");
      writer.writeString("");
    },
    cookie,
  );

const toEntry = (id: number, name: string, value: string) =>
  toMessage(id, 0x64, (writer) => {
    writer.writeString(`cn=${name}`);
    writer.startSequence();
    writer.startSequence();
    writer.writeString("entryUUID");
    writer.startSequence(0x31);
    writer.writeString(value);
    writer.endSequence();
    writer.endSequence();
    writer.endSequence();
  });

const servers: net.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Starts a directory that lets everybody in and answers a search as it likes. */
async function startDirectory(answer: (id: number, socket: net.Socket) => void): Promise<string> {
  const server = net.createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      const reader = new BerReader(bytes);
      reader.readSequence();
      const id = reader.readInt() ?? 0;
      const operation = reader.readSequence();
      if (operation === bindRequest) socket.write(toResult(id, 0x61));
      if (operation === searchRequest) answer(id, socket);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `ldap://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}

const { mapping, ...defaults } = defaultsOf.openldap;
const scope: DirectoryScope = {
  ...defaults,
  flavour: "openldap",
  mapping,
  baseDn: "dc=x",
  groupBaseDn: "dc=x",
  country: null,
  pageSize: 100,
};

async function callRoll(url: string): Promise<number> {
  const address = { url, startsTls: false, caCertificate: null, bindDn: "cn=x", password: "x" };
  return withDirectory(address, async (directory) => {
    let pages = 0;
    for await (const _ of new DirectoryReader(directory, scope).readRoll()) pages += 1;
    return pages;
  });
}

test("pages that never end are ended when one brings nobody new", async () => {
  const url = await startDirectory((id, socket) => {
    socket.write(toEntry(id, "same", "1b4e28ba-2fa1-11d2-883f-0016d3cca427"));
    socket.write(toResult(id, 0x65, "again"));
  });
  await expect(callRoll(url)).rejects.toMatchObject({ reason: "endless" });
});

test.each([
  ["bytes that are no message", () => Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["an entry of another search", (id: number) => toEntry(id + 7, "x", "y")],
  [
    "a result that nobody knows",
    (id: number) => toMessage(id, 0x65, (writer) => writer.writeEnumeration(4_711)),
  ],
])("what isn't an answer ends the reading, and nothing else: %s", async (_, toBytes) => {
  const url = await startDirectory((id, socket) => socket.end(toBytes(id)));
  await expect(callRoll(url)).rejects.toMatchObject({ name: "DirectoryTrouble" });
});

test("a directory that hangs up in the middle of a page is told as gone", async () => {
  const url = await startDirectory((id, socket) => {
    socket.write(toEntry(id, "x", "1b4e28ba-2fa1-11d2-883f-0016d3cca427"));
    socket.end();
  });
  await expect(callRoll(url)).rejects.toMatchObject({ reason: "went_away" });
});

test("a password is sent nowhere over a connection that was made again", async () => {
  let connections = 0;
  const url = await startDirectory((_, socket) => socket.destroy());
  servers[0]?.on("connection", () => {
    connections += 1;
  });
  const address = { url, startsTls: false, caCertificate: null, bindDn: "cn=x", password: "x" };
  await withDirectory(address, async (directory) => {
    const search = { base: "dc=x", filter: new PresenceFilter({ attribute: "cn" }), attributes: ["cn"] };
    for (let time = 0; time < 3; time += 1)
      await expect(directory.find(search)).rejects.toMatchObject({ reason: "went_away" });
  });
  expect(connections).toBe(1);
});

test("an answer without an end is cut off at 16 MiB", async () => {
  const url = await startDirectory((_, socket) => {
    const flood = Buffer.alloc(1024 * 1024);
    socket.write(Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]));
    const pour = () => socket.writable && socket.write(flood, pour);
    pour();
  });
  await expect(callRoll(url)).rejects.toMatchObject({ reason: "too_large" });
}, 60_000);
