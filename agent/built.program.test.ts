import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import vectors from "@/lib/codes/access-code.vectors.json";
import { parseCode } from "@/lib/codes/format";
import { version } from "@/package.json";
import { buildAgent } from "@/tools/build-agent";
import { makeFolder, makeMachine, type Ran, removeFolder, run, start } from "@/tools/testing/agent";
import { type AgentServer, makePair, makeSlot, signAs, startAgentServer } from "@/tools/testing/agent-server";
import { agentVersion } from "./version";

const programFolder = makeFolder();
const program = path.join(programFolder, "sparekey-agent.mjs");
const folders: string[] = [programFolder];
const hour = 3_600_000;

beforeAll(async () => {
  await buildAgent(program);
});
afterAll(() => folders.forEach(removeFolder));

function newFolder(): string {
  const folder = makeFolder();
  folders.push(folder);
  return folder;
}

function newMachine() {
  const machine = makeMachine();
  folders.push(machine.folder);
  return machine;
}

const agent = (folder: string, args: string[], input = ""): Promise<Ran> =>
  run(process.execPath, [program, ...args, "--state", folder], input);
const verify = async (
  folder: string,
  code: string,
  user = "ada.lovelace",
  node = process.execPath,
): Promise<string> => {
  const args = [program, "verify", "--user", user, "--state", folder];
  const { stdout, code: exit } = await run(node, args, code);
  return `${exit} ${stdout.trim()}`;
};
const status = async (folder: string) => JSON.parse((await agent(folder, ["status", "--json"])).stdout);

const [first, second] = [await makeSlot(1), await makeSlot(2)];
const user = {
  userId: crypto.randomUUID(),
  names: ["ada.lovelace", "ada@example.com"],
  slots: [first.slot, second.slot],
};

describe("with a server", () => {
  let server: AgentServer;
  let folder: string;
  beforeAll(async () => {
    server = await startAgentServer();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    await server.close();
    server = await startAgentServer();
    server.users = [user];
    folder = newFolder();
  });

  const enroll = (more: string[] = []) =>
    agent(folder, ["enroll", "--server", server.url, "--token", server.token, "--name", "LAPTOP-7", ...more]);

  it("a machine enrols, syncs, opens with a code, hands in the receipt and leaves", async () => {
    expect(await enroll()).toMatchObject({ code: 0, stdout: "enrolled as LAPTOP-7\n" });
    expect(await verify(folder, first.codeFor(5))).toBe("2 unknown no_package");
    expect(await agent(folder, ["sync"])).toMatchObject({ code: 0, stderr: "" });
    expect(server.stored).toHaveLength(1);
    expect(await status(folder)).toMatchObject({
      machine: "LAPTOP-7",
      generation: 1,
      serial: server.stored[0]!.serial,
      users: ["ada.lovelace"],
      receiptsPending: 0,
      lastSyncError: null,
    });

    expect(await verify(folder, first.codeFor(5), "ADA.Lovelace")).toBe("0 yes");
    expect(await verify(folder, first.codeFor(5), "ada@example.com")).toBe("1 no spent");
    expect(await verify(folder, "nonsense")).toBe("1 no mistyped");
    expect(await verify(folder, first.codeFor(5), "grace.hopper")).toBe("1 no no_such_user");
    expect(await status(folder)).toMatchObject({ receiptsPending: 4 });

    expect(await agent(folder, ["sync"])).toMatchObject({ code: 0 });
    expect(await status(folder)).toMatchObject({ receiptsPending: 0 });
    const { slotId } = first.slot;
    expect(server.receipts.map(({ seq, outcome }) => [seq, outcome])).toEqual([
      [1, "yes"],
      [2, "spent"],
      [3, "mistyped"],
      [4, "no_such_user"],
    ]);
    expect(server.receipts[0]).toMatchObject({ userId: user.userId, slotId });
    expect(server.problems).toEqual([]);

    expect(await verify(folder, first.codeFor(5))).toBe("1 no spent");
    expect(await agent(folder, ["leave"])).toMatchObject({ code: 0, stdout: "left\n" });
    expect(server.receipts).toHaveLength(5);
    expect(server.problems).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
    expect(await verify(folder, second.codeFor(5))).toBe("2 unknown not_enrolled");
    expect(await status(folder)).toMatchObject({ machine: null, notAfter: null, users: [] });
  });

  it("keeps its folder and files to itself, and judges nothing where others could look in", async () => {
    await enroll();
    await agent(folder, ["sync"]);
    await verify(folder, first.codeFor(5));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder))
      expect(statSync(path.join(folder, name)).mode & 0o777, name).toBe(0o600);
    chmodSync(folder, 0o750);
    expect(await verify(folder, second.codeFor(5))).toBe("2 unknown unsafe_state");
  });

  it("never sends its token to a server with another key, a proxy's for instance", async () => {
    const proxy = await startAgentServer();
    proxy.token = server.token;
    const { stderr, code } = await run(process.execPath, [
      program,
      "enroll",
      ...["--server", proxy.url, "--token", server.token, "--name", "LAPTOP-7", "--state", folder],
    ]);
    await proxy.close();
    expect(code).toBe(1);
    expect(stderr).toContain("Nothing was sent to it");
    expect(proxy.problems).toEqual([]);
    expect(await verify(folder, first.codeFor(5))).toBe("2 unknown not_enrolled");
  });

  it("refuses packages of a proxy that only knows the pinned key's name", async () => {
    await enroll();
    await agent(folder, ["sync"]);
    server.key = { ...makePair(), id: server.key.id };
    expect((await agent(folder, ["sync"])).stderr).toContain("package_signature");
    expect(await verify(folder, first.codeFor(5))).toBe("0 yes");
  });

  it.each(["http://sparekey.example.com", "ftp://localhost", "https://a:b@localhost", "sparekey", ""])(
    "enrols by https only, but for this very machine: not at '%s'",
    async (url) => {
      const ran = await agent(folder, [
        "enroll",
        "--server",
        url,
        "--token",
        server.token,
        "--name",
        "LAPTOP-7",
      ]);
      expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining("https://") });
    },
  );

  it("takes a token, and a name, that begins with a hyphen", async () => {
    server.token = `-${server.token.slice(1)}`;
    expect(await enroll()).toMatchObject({ code: 0 });
    await agent(folder, ["sync"]);
    expect(await verify(folder, first.codeFor(5), "--json")).toBe("1 no no_such_user");
  });

  it("is enrolled once, by one token", async () => {
    expect(await enroll()).toMatchObject({ code: 0 });
    expect(await enroll()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("enrolled already"),
    });
    const other = newFolder();
    server.token = "used";
    expect(
      await agent(other, [
        "enroll",
        "--server",
        server.url,
        "--token",
        `${"A".repeat(22)}.${server.key.id}`,
        "--name",
        "L",
      ]),
    ).toMatchObject({ code: 1 });
    expect(await verify(other, "")).toBe("2 unknown not_enrolled");
  });

  it("keeps the package it has where the new one is refused, and says why", async () => {
    await enroll();
    await agent(folder, ["sync"]);
    const held = await status(folder);
    const bad: [string, typeof server.replaceWith, typeof server.more][] = [
      ["package_older", undefined, { serial: 1 }],
      ["package_older", undefined, { generation: 1, serial: held.serial - 1 }],
      ["package_of_another_machine", undefined, { machineId: crypto.randomUUID() }],
      ["package_over", undefined, past()],
      ["package_signature", (jws) => jws.slice(0, -1), {}],
      [
        "package_signature",
        (jws) => `${jws.slice(0, 200)}${jws[200] === "A" ? "B" : "A"}${jws.slice(201)}`,
        {},
      ],
      ["package_signature", () => signAs(makePair(), "sparekey-package", {}), {}],
    ];
    for (const [reason, replaceWith, more] of bad) {
      Object.assign(server, { replaceWith, more });
      expect(await agent(folder, ["sync"])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(reason),
      });
      expect(await status(folder)).toEqual({ ...held, lastSyncError: expect.stringContaining(reason) });
    }
    expect(server.stored).toHaveLength(1);
    expect(await verify(folder, first.codeFor(5))).toBe("0 yes");
    Object.assign(server, { replaceWith: undefined, more: {} });
    expect(await agent(folder, ["sync"])).toMatchObject({ code: 0 });
    expect(await status(folder)).toMatchObject({ lastSyncError: null, receiptsPending: 0 });
  });

  function past() {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    return { issuedAt: at(-2 * hour), serverTime: at(-2 * hour), notAfter: at(-hour) };
  }

  it("follows the signing key that a package announces, and no longer believes the old one then", async () => {
    await enroll();
    const [old, next] = [server.key, makePair()];
    server.more = { nextSigningKey: next.raw };
    await agent(folder, ["sync"]);
    expect(server.stored.at(-1)?.pinned).toBe(next.id);
    server.more = {};
    server.key = next;
    expect(await agent(folder, ["sync"])).toMatchObject({ code: 0 });
    server.key = old;
    expect((await agent(folder, ["sync"])).stderr).toContain("package_signature");
  });

  it("does not take up with what was revoked, once it synced", async () => {
    await enroll();
    await agent(folder, ["sync"]);
    server.users = [{ ...user, slots: [{ ...first.slot, state: "revoked" }, second.slot] }];
    await agent(folder, ["sync"]);
    expect(await verify(folder, first.codeFor(5))).toBe("1 no revoked");
    expect(await verify(folder, second.codeFor(5))).toBe("0 yes");
  });

  it("opens nothing any more once the server says that it has ended, whatever older package comes", async () => {
    await enroll();
    await agent(folder, ["sync"]);
    const { serial } = await status(folder);
    server.refuseWith = 410;
    expect((await agent(folder, ["sync"])).stderr).toContain("ended: ");
    expect(await verify(folder, first.codeFor(5))).toBe("2 unknown no_package");
    expect(server.withdrawn).toBe(1);
    Object.assign(server, { refuseWith: undefined, more: { serial: serial - 1 } });
    expect((await agent(folder, ["sync"])).stderr).toContain("package_");
    expect(await verify(folder, first.codeFor(5))).toBe("2 unknown no_package");
  });

  it("says of itself that its package is withdrawn when it leaves and hears that it has ended", async () => {
    await enroll();
    await agent(folder, ["sync"]);
    server.refuseWith = 410;
    expect(await agent(folder, ["leave"])).toMatchObject({ code: 0, stdout: "left\n" });
    expect(server.withdrawn).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("leaves only with its receipts handed in, unless it is forced", async () => {
    await enroll();
    await agent(folder, ["sync"]);
    await verify(folder, first.codeFor(5));
    server.refuseWith = 503;
    expect(await agent(folder, ["leave"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("1 receipts"),
    });
    expect(await verify(folder, second.codeFor(5))).toBe("0 yes");
    expect(await agent(folder, ["leave", "--force"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("released in the console"),
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is none the wiser of a server that is away, refuses or rambles", async () => {
    await enroll();
    await agent(folder, ["sync"]);
    server.refuseWith = 503;
    expect((await agent(folder, ["sync"])).stderr).toContain("refused_503");
    server.refuseWith = undefined;
    server.replaceWith = () => "x".repeat(40 * 1024 * 1024);
    expect((await agent(folder, ["sync"])).stderr).toContain("answer_too_long");
    await server.close();
    expect((await agent(folder, ["sync"])).stderr).toContain("unreachable");
    expect(await status(folder)).toMatchObject({ lastSyncError: expect.stringContaining("unreachable") });
    expect(await verify(folder, first.codeFor(5))).toBe("0 yes");
    server = await startAgentServer();
  });

  it("hands in more receipts than go into one request", async () => {
    await enroll();
    await agent(folder, ["sync"]);
    const { verify: verifyHere } = await import("./verify");
    const means = { now: () => new Date(), hash: async () => new Uint8Array(32) };
    for (let i = 0; i < 250; i++) await verifyHere(folder, "ada.lovelace", "typo", means);
    expect(await agent(folder, ["sync"])).toMatchObject({ code: 0 });
    expect(server.receipts).toHaveLength(250);
    expect(await status(folder)).toMatchObject({ receiptsPending: 0 });
    expect(readdirSync(folder).filter((name) => name.startsWith("receipt-"))).toHaveLength(1);
  });

  it("syncs as a daemon at start and when a receipt waits, and ends in good order", async () => {
    await enroll();
    const { child, ended } = start(process.execPath, [program, "daemon", "--state", folder]);
    await expect.poll(() => server.stored.length, { timeout: 10_000 }).toBe(1);
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0, signal: null, stdout: "synced\n" });
  });
});

/** Besides the Node that runs this: the newest that can be had, where it is named. */
const nodes = [process.execPath, ...(process.env.NEWEST_NODE === undefined ? [] : [process.env.NEWEST_NODE])];

describe.each(nodes)("by the vectors, on %s", (node) => {
  const verifyBy = (folder: string, code: string) => verify(folder, code, "ada.lovelace", node);

  it.each(vectors.standard)("opens with the vector $code, in both forms", async (vector) => {
    const machine = newMachine();
    const now = new Date(Math.floor(Date.now() / hour) * hour - hour);
    const encode = (hex: string) => Buffer.from(hex, "hex").toString("base64url");
    const made = await makeSlot(1, {
      kind: "reusable",
      salt: encode(vector.salt),
      anchor: encode(vector.anchor),
      slotEpoch: new Date(now.getTime() - Math.max(0, vector.expiryIndex - 3) * hour).toISOString(),
    });
    await machine.hold([{ ...user, slots: [made.slot] }]);
    const isOver = vector.expiryIndex <= 1;
    for (const typed of [vector.code, vector.decimal, vector.code.toLowerCase().replaceAll("-", " ")])
      expect(await verifyBy(machine.folder, typed)).toBe(isOver ? "1 no expired" : "0 yes");
  });

  it.each(vectors.parsing)("reads '$input' ($why) as $kind", async ({ input, kind, link }) => {
    const machine = newMachine();
    const encode = (hex: string) => Buffer.from(hex, "hex").toString("base64url");
    const ours = vectors.standard.find((each) => toLink(each.code) === link);
    const { slot } = await makeSlot(1, {
      ...(ours === undefined ? {} : { salt: encode(ours.salt), anchor: encode(ours.anchor) }),
      slotEpoch: new Date(Math.floor(Date.now() / hour) * hour - 24 * hour).toISOString(),
    });
    await machine.hold([{ ...user, slots: [slot] }]);
    const whose = { mistyped: "1 no mistyped", short: "1 no wrong", standard: "1 no wrong" };
    const opens = ours?.expiryIndex === 0 ? "1 no expired" : "0 yes";
    const expected = kind === "standard" && ours !== undefined ? opens : whose[kind as keyof typeof whose];
    expect(await verifyBy(machine.folder, input)).toBe(expected);
  });

  function toLink(code: string): string | undefined {
    const parsed = parseCode(code);
    return parsed.kind === "standard" ? Buffer.from(parsed.link).toString("hex") : undefined;
  }
});

describe("without a server", () => {
  it("lets exactly one of many who ask at once in, and counts every guess", async () => {
    const machine = newMachine();
    const slot = await makeSlot(1);
    await machine.hold([{ ...user, slots: [slot.slot] }]);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => verify(machine.folder, slot.codeFor(5))),
    );
    expect(answers.sort()).toEqual(["0 yes", ...Array.from({ length: 5 }, () => "1 no spent")]);
    const receipts = readdirSync(machine.folder).filter((name) => name.startsWith("receipt-"));
    expect(receipts).toHaveLength(6);
    const guesses = await Promise.all(
      Array.from({ length: 6 }, () => verify(machine.folder, second.codeFor(5))),
    );
    expect(guesses.sort()).toEqual(["1 no back_off", ...Array.from({ length: 5 }, () => "1 no wrong")]);
  });

  it("is of no use to who copies it from another machine", async () => {
    const [mine, theirs] = [newMachine(), newMachine()];
    await mine.hold([{ ...user, slots: [first.slot] }]);
    for (const name of readdirSync(mine.folder).filter((each) => each.startsWith("package-")))
      writeFileSync(path.join(theirs.folder, name), readFileSync(path.join(mine.folder, name)), {
        mode: 0o600,
      });
    expect(await verify(theirs.folder, first.codeFor(5))).toBe("2 unknown damaged");
  });

  it("judges nothing by a file that the disk spoiled", async () => {
    const machine = newMachine();
    await machine.hold([user]);
    await verify(machine.folder, "typo");
    for (const name of readdirSync(machine.folder)) {
      const file = path.join(machine.folder, name);
      const whole = readFileSync(file);
      for (const length of [0, 1, whole.length >> 1, whole.length - 2, whole.length - 1]) {
        writeFileSync(file, whole.subarray(0, length));
        expect(await verify(machine.folder, first.codeFor(5)), `${name} ${length}`).toBe("2 unknown damaged");
      }
      writeFileSync(file, whole);
    }
    expect(await verify(machine.folder, first.codeFor(5))).toBe("0 yes");
  });

  it("takes a line, a NUL or the end as the end of a code, and a flood for a slip", async () => {
    const machine = newMachine();
    const slot = await makeSlot(3, { kind: "reusable" });
    await machine.hold([{ ...user, slots: [slot.slot] }]);
    const code = slot.codeFor(5);
    for (const typed of [code, `${code}\n`, `${code}\r\n`, `${code}\0`, `${code}\nmore`, `  ${code} `])
      expect(await verify(machine.folder, typed), JSON.stringify(typed)).toBe("0 yes");
    expect(await verify(machine.folder, "A".repeat(1_000_000))).toBe("1 no mistyped");
    expect(await verify(machine.folder, "")).toBe("1 no mistyped");
  });

  it("answers unknown to a question that is none", async () => {
    const ran = await run(process.execPath, [program, "verify"], first.codeFor(5));
    expect(ran).toMatchObject({ code: 2, stdout: "unknown usage\n" });
    expect(await run(process.execPath, [program, "veryfy"])).toMatchObject({ code: 2, stdout: "" });
  });
});

it("is one file that says which version it is of", () => {
  expect(agentVersion).toBe(version);
  expect(readFileSync(program, "utf8")).not.toMatch(/\bfrom"(?!node:)/);
});
