import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildAgent } from "@/tools/build-agent";
import { makeFolder, makeMachine, removeFolder, run } from "@/tools/testing/agent";
import { type AgentServer, makeSlot, startAgentServer } from "@/tools/testing/agent-server";

const isRoot = process.getuid?.() === 0;
const has = (command: string) =>
  ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].some((folder) => existsSync(path.join(folder, command)));
const hasNamespaces = isRoot && has("unshare") && succeeds("unshare", ["--net", "--mount", "true"]);
const fakeTime = ["x86_64", "aarch64"]
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .find((file) => existsSync(file));

function succeeds(command: string, args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const temporary = makeFolder();
const program = path.join(temporary, "sparekey-agent.mjs");
const folders = [temporary];
const hour = 3_600_000;
const ada = { userId: crypto.randomUUID(), names: ["ada.lovelace"] };

beforeAll(async () => {
  await buildAgent(program);
});
afterAll(() => folders.forEach(removeFolder));

function newMachine() {
  const machine = makeMachine();
  folders.push(machine.folder);
  return machine;
}

const quote = (words: readonly string[]) =>
  words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");

/** Runs lines of shell with mounts, and without a network, of their own. */
const apart = (lines: readonly string[], input = "") =>
  run("unshare", ["--net", "--mount", "--propagation", "private", "sh", "-euc", lines.join("\n")], input);

describe.skipIf(!(hasNamespaces && has("pamtester")))(
  "a logon by PAM without any network (needs root, unshare and pamtester)",
  () => {
    let server: AgentServer;
    let folder: string;
    const at = path.join(temporary, "etc");

    const agent = (...args: string[]) => run(process.execPath, [program, ...args, "--state", folder]);

    const common = {
      "common-auth": `auth [success=1 default=ignore] pam_unix.so nullok
auth requisite pam_deny.so
auth required pam_permit.so
auth optional pam_cap.so`,
      "common-account": "account required pam_permit.so",
      "common-session": "session required pam_permit.so",
    };
    const withCode = (stack: string) =>
      stack.replace("@include common-auth", "@include common-auth\nauth include sparekey-second-factor");
    /** As Debian has them, with our one line; what they do besides `auth` is left out. */
    const stacks: Record<string, string> = {
      login: `auth optional pam_faildelay.so delay=1000
auth requisite pam_nologin.so
@include common-auth
auth optional pam_group.so
@include common-account`,
      sudo: `session required pam_limits.so
@include common-auth
@include common-account`,
      sshd: `@include common-auth
account required pam_nologin.so
@include common-account`,
    };
    /** As RHEL has them, with the password asked for in this file: see docs/machines.md. */
    const redhat = `auth required pam_env.so
auth required pam_faillock.so preauth dir=${at}/faillock
auth [success=1 default=ignore] pam_unix.so
auth [default=die] pam_faillock.so authfail dir=${at}/faillock
auth include sparekey-second-factor
account required pam_permit.so`;

    beforeAll(async () => {
      mkdirSync(path.join(at, "pam.d"), { recursive: true });
      for (const [name, text] of Object.entries(common))
        writeFileSync(path.join(at, "pam.d", name), `${text}\n`);
      for (const [name, text] of Object.entries(stacks))
        writeFileSync(path.join(at, "pam.d", name), `${withCode(text)}\n`);
      writeFileSync(path.join(at, "pam.d", "redhat"), `${redhat}\n`);
      copyFileSync("agent/linux/sparekey-second-factor", path.join(at, "pam.d", "sparekey-second-factor"));
      const hash = execFileSync("openssl", ["passwd", "-6", "the password"]).toString().trim();
      const people = ["ada.lovelace", "grace.hopper", "root.admin"];
      const users = people.map((name, i) => `${name}:x:${70_000 + i}:70000::/nonexistent:/bin/false`);
      const passwd = readFileSync("/etc/passwd", "utf8");
      writeFileSync(path.join(at, "passwd"), `${passwd.trimEnd()}\n${users.join("\n")}\n`);
      const shadows = people.map((name) => `${name}:${hash}:19000:0:99999:7:::`);
      writeFileSync(path.join(at, "shadow"), `${shadows.join("\n")}\n`, { mode: 0o600 });
      const groups = readFileSync("/etc/group", "utf8");
      writeFileSync(path.join(at, "group"), `${groups.trimEnd()}\nsparekey-exempt:x:70009:root.admin\n`);

      folder = makeFolder();
      folders.push(folder);
      server = await startAgentServer();
      expect(
        await agent("enroll", "--server", server.url, "--token", server.token, "--name", "LAPTOP-7"),
      ).toMatchObject({ code: 0 });
      expect(await agent("sync")).toMatchObject({ code: 0 });
    });
    afterAll(() => server.close());

    /** Types into a logon, with all files where the documentation puts them. */
    async function logOn(
      service: string,
      user: string,
      typed: readonly string[],
      break_ = "",
    ): Promise<string> {
      const lines = [
        ...["passwd", "shadow", "group", "pam.d"].map((name) => `mount --bind ${at}/${name} /etc/${name}`),
        "mount -t tmpfs -o mode=755 tmpfs /var/lib",
        "mkdir -m 700 /var/lib/sparekey-agent",
        `mount --bind ${folder} /var/lib/sparekey-agent`,
        "mount -t tmpfs -o mode=755 tmpfs /usr/local",
        "mkdir -p /usr/local/lib/sparekey /usr/local/bin",
        `cp ${program} agent/linux/verify-code /usr/local/lib/sparekey/`,
        `ln -s ${process.execPath} /usr/local/bin/node`,
        break_,
        `exec pamtester ${quote([service, user])} authenticate`,
      ];
      const { code, stdout, stderr } = await apart(lines, typed.map((line) => `${line}\n`).join(""));
      const said = stdout + stderr;
      if (code === 0 && said.includes("successfully authenticated")) return "in";
      return code === 1 && said.includes("pamtester:") ? "out" : `${code} ${said}`;
    }

    it.each(["login", "sudo", "sshd"])(
      "lets the password with a right code in at %s, once",
      async (service) => {
        const slot = await makeSlot(10 + Object.keys(stacks).indexOf(service));
        server.users = [{ ...ada, slots: [slot.slot] }];
        await agent("sync");
        const typed = ["the password", slot.codeFor(5)];
        expect(await logOn(service, "ada.lovelace", typed)).toBe("in");
        expect(await logOn(service, "ada.lovelace", typed)).toBe("out");
      },
    );

    it("keeps out whoever has only one of the two, a wrong, mistyped, expired or another's code", async () => {
      const slot = await makeSlot(21);
      const slotEpoch = new Date(Math.floor(Date.now() / hour) * hour - 4 * hour).toISOString();
      const old = await makeSlot(20, { slotEpoch });
      server.users = [{ ...ada, slots: [slot.slot, old.slot] }];
      await agent("sync");
      const right = slot.codeFor(5);
      const [other, expired] = [await makeSlot(22), old.codeFor(2)];
      expect(await logOn("sshd", "ada.lovelace", ["not the password", right])).toBe("out");
      for (const code of [other.codeFor(5), `${right}0`, expired, "", "the password"])
        expect(await logOn("sshd", "ada.lovelace", ["the password", code]), code).toBe("out");
      expect(await logOn("sshd", "grace.hopper", ["the password", right])).toBe("out");
      expect(await logOn("sshd", "ada.lovelace", ["the password", right])).toBe("in");
      await agent("sync");
      const outcomes = server.receipts.slice(-7).map(({ outcome }) => outcome);
      expect(outcomes).toEqual([
        "wrong",
        "mistyped",
        "expired",
        "mistyped",
        "mistyped",
        "no_such_user",
        "yes",
      ]);
    });

    it("keeps a code out that was revoked, once the machine synced", async () => {
      const slot = await makeSlot(31);
      server.users = [{ ...ada, slots: [{ ...slot.slot, state: "revoked" }] }];
      await agent("sync");
      expect(await logOn("sudo", "ada.lovelace", ["the password", slot.codeFor(5)])).toBe("out");
    });

    it("does the same in the stack for RHEL, and asks for no code where the password was wrong", async () => {
      const slot = await makeSlot(41);
      server.users = [{ ...ada, slots: [slot.slot] }];
      await agent("sync");
      expect(await logOn("redhat", "ada.lovelace", ["not the password", slot.codeFor(5)])).toBe("out");
      expect(await logOn("redhat", "ada.lovelace", ["the password", "nonsense"])).toBe("out");
      expect(await logOn("redhat", "ada.lovelace", ["the password", slot.codeFor(5)])).toBe("in");
    });

    it("lets an exempt administrator in by the password alone, whatever is broken, and nobody else", async () => {
      for (const broken of [
        "",
        "rm /usr/local/lib/sparekey/verify-code",
        "rm /usr/local/lib/sparekey/sparekey-agent.mjs",
        "rm /usr/local/bin/node",
        "umount /var/lib/sparekey-agent",
        "mount -o remount,ro,bind /var/lib/sparekey-agent",
      ]) {
        expect(await logOn("sudo", "root.admin", ["the password"], broken), broken).toBe("in");
        expect(await logOn("sudo", "ada.lovelace", ["the password", "x"], broken), broken).toBe("out");
      }
      expect(await logOn("sudo", "root.admin", ["not the password"])).toBe("out");
    });
  },
);

describe.skipIf(!has("strace"))("what verify asks of the system (needs strace)", () => {
  async function trace(calls: string, code: string, ...args: string[]): Promise<string> {
    const to = path.join(temporary, "trace");
    const command = quote([
      "strace",
      "-f",
      "-e",
      `trace=${calls}`,
      "-o",
      to,
      process.execPath,
      program,
      ...args,
    ]);
    await run("sh", ["-c", `echo ${code} > ${to}.in; ${command} < ${to}.in > ${to}.out 2>&1`]);
    return readFileSync(to, "utf8");
  }

  it("opens no socket, and touches none", async () => {
    const machine = newMachine();
    const { slot } = await makeSlot(1);
    await machine.hold([{ ...ada, slots: [slot] }]);
    const said = await trace(
      "%network",
      "58CQ-QCSH-2DFG-M6HN",
      "verify",
      "--user",
      "ada.lovelace",
      "--state",
      machine.folder,
    );
    expect(readdirSync(machine.folder)).toContain("receipt-0000000001");
    expect(said.split("\n").filter((line) => !/(\+\+\+|---) .*|^$/.test(line))).toEqual([]);
    const sync = await trace("%network", "", "sync", "--state", machine.folder);
    expect(sync).toMatch(/socket\(/);
  });

  it("says yes only when receipt and name are flushed to the disk (offline, Judging a code offline)", async () => {
    const machine = newMachine();
    const { slot, codeFor } = await makeSlot(1);
    await machine.hold([{ ...ada, slots: [slot] }]);
    const said = await trace(
      "openat,fsync,link,linkat,write",
      codeFor(5),
      ...["verify", "--user", "ada.lovelace", "--state", machine.folder],
    );
    const file = /openat\([^\n]*\/\.new-[^\n]*O_EXCL[^\n]* = (\d+)\n/.exec(said);
    const steps = [
      new RegExp(`fsync\\(${file?.[1]}\\) += 0`),
      /link(at)?\([^\n]*receipt-0000000001[^\n]* = 0/,
      new RegExp(
        `openat\\([^\\n]*"${machine.folder}", O_RDONLY[^\\n]* = (\\d+)\\n[^\\n]*fsync\\(\\d+\\) += 0`,
      ),
      /write\(1, "yes\\n"/,
    ].map((step) => said.slice(file?.index).search(step));
    expect(steps).not.toContain(-1);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });
});

describe.skipIf(!hasNamespaces)("a disk that takes nothing (needs root and unshare)", () => {
  let folder: string;
  let code: string;
  beforeEach(async () => {
    const machine = newMachine();
    const { slot, codeFor } = await makeSlot(1);
    await machine.hold([{ ...ada, slots: [slot] }]);
    folder = machine.folder;
    code = codeFor(5);
  });
  const verify = () =>
    quote([process.execPath, program, "verify", "--user", "ada.lovelace", "--state", "/mnt"]);

  it("for it is full gives no yes, and the code is good once there is room", async () => {
    const { stdout } = await apart([
      "mount -t tmpfs -o size=256k,mode=700 tmpfs /mnt",
      `cp -p ${folder}/* /mnt/`,
      "cat /dev/zero > /mnt/filler 2>/dev/null || true",
      `echo ${code} | ${verify()} || true`,
      "ls -A /mnt | grep -c -e '^[.]new' -e '^receipt' || true",
      "rm /mnt/filler",
      `echo ${code} | ${verify()} || true`,
      `echo ${code} | ${verify()} || true`,
    ]);
    expect(stdout).toBe("unknown not_recorded\n0\nyes\nno spent\n");
  });

  it("for it is read-only gives no yes", async () => {
    const { stdout } = await apart([
      `mount --bind ${folder} /mnt`,
      "mount -o remount,ro,bind /mnt",
      `echo ${code} | ${verify()} || true`,
      "mount -o remount,rw,bind /mnt",
      `echo ${code} | ${verify()}`,
    ]);
    expect(stdout).toBe("unknown not_recorded\nyes\n");
  });
});

describe.skipIf(fakeTime === undefined)("the clock of the built agent (needs libfaketime)", () => {
  it("set back, to 1970 or beyond the package opens nothing, and costs nothing", async () => {
    const machine = newMachine();
    const { slot, codeFor } = await makeSlot(1);
    await machine.hold([{ ...ada, slots: [slot] }]);
    const verifyAt = async (time: string) => {
      const { stdout } = await run(
        process.execPath,
        [program, "verify", "--user", "ada.lovelace", "--state", machine.folder],
        codeFor(20),
        { LD_PRELOAD: fakeTime ?? "", FAKETIME: time, FAKETIME_DONT_FAKE_MONOTONIC: "1" },
      );
      return stdout.trim();
    };
    expect(await verifyAt("@1970-01-01 00:10:00")).toBe("no clock_back");
    expect(await verifyAt("-1h")).toBe("no clock_back");
    expect(await verifyAt("+30d")).toBe("unknown package_over");
    expect(await verifyAt("+20y")).toBe("unknown package_over");
    expect(await verifyAt("+21h")).toBe("no expired");
    expect(await verifyAt("+1s")).toBe("no clock_back");
    expect(await verifyAt("+20h")).not.toBe("yes");
  });
});
