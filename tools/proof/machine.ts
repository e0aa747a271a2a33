import { mkdtempSync, rmSync, watch } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildAgent } from "@/tools/build-agent";
import { type Ran, start } from "@/tools/testing/agent";
import { type AgentServer, makeSlot, type SlotInHand, startAgentServer } from "@/tools/testing/agent-server";
import type { Violation } from "./ledger";
import type { Chance } from "./random";

/** How a campaign against a machine went. */
export interface MachineCampaign {
  /** How often it was killed at what, and what it had said by then. */
  readonly at: ReadonlyMap<string, number>;
  readonly violations: readonly Violation[];
}

type Broken = "twice" | "unrecorded" | "unreadable" | "older" | "refused";

const promises: Readonly<Record<Broken, string>> = {
  twice: "a once code opens a machine once, however often the agent is killed",
  unrecorded: "no use is granted that the next receipts don't tell the server of",
  unreadable: "package and receipts can be read after every kill",
  older: "a package is never followed by an older one",
  refused: "what a machine says after a kill is what the protocol says",
};

/** About how long it takes the agent to write, flush, name and answer. */
const writeMilliseconds = 12;

/**
 * Kills the agent so many times at random moments of `verify`, `sync` and both at once, two in three of them while it writes;
 * asks it the same again, and compares what it ever answered with what reaches a server that refuses any gap, fork or malformed
 * word.
 *
 * @see offline, "Judging a code offline": on disk, fsynced, before the answer
 */
export async function killMachine(
  kills: number,
  chance: Chance,
  log: (line: string) => void = () => undefined,
): Promise<MachineCampaign> {
  const folder = mkdtempSync("/tmp/sparekey-proof-machine-");
  const server = await startAgentServer();
  const campaign = new Campaign(server, folder);
  try {
    await campaign.begin();
    for (let i = 1; i <= kills; i++) {
      await campaign.killOnce(chance);
      if (i % 100 === 0) log(`  ${i} times`);
    }
    await campaign.end();
    return campaign;
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

class Campaign implements MachineCampaign {
  readonly at = new Map<string, number>();
  readonly #broken = new Map<Broken, string[]>();
  readonly #state: string;
  readonly #program: string;
  readonly #granted = new Map<string, number>();
  readonly #user = { userId: crypto.randomUUID(), names: ["ada.lovelace"] };
  #number = 0;
  #serial = 0;
  /** How long a command takes that isn't killed, in milliseconds. */
  readonly #takes = { verify: 300, sync: 300 };

  constructor(
    readonly server: AgentServer,
    folder: string,
  ) {
    this.#state = path.join(folder, "state");
    this.#program = path.join(folder, "sparekey-agent.mjs");
  }

  get violations(): readonly Violation[] {
    return [...this.#broken].map(([broken, shownBy]) => ({ promise: promises[broken], shownBy }));
  }

  async begin(): Promise<void> {
    await buildAgent(this.#program);
    const { url, token } = this.server;
    await this.#run("enroll", "", "--server", url, "--token", token, "--name", "LAPTOP-7");
    for (const slot of [await this.#offerSlot(), await this.#offerSlot()]) {
      this.#takes.sync = await this.#time(() => this.#sync());
      this.#takes.verify = await this.#time(() => this.#verify(slot));
    }
  }

  async killOnce(chance: Chance): Promise<void> {
    const slot = await this.#offerSlot();
    const what = chance.pick(["verify", "verify", "sync", "both"]);
    if (what === "verify") await this.#sync();
    const begun = [
      ...(what === "sync" ? [] : [this.#start("verify", slot.codeFor(24), "--user", "ada.lovelace")]),
      ...(what === "verify" ? [] : [this.#start("sync", "")]),
    ];
    const longest = what === "verify" ? this.#takes.verify : Math.max(this.#takes.sync, this.#takes.verify);
    const when = chance.pick(["at any time", "at a write", "at a write"]);
    if (when === "at a write") await this.#waitForWrite(begun.map((each) => each.ended));
    await sleep(chance.between(0, when === "at a write" ? writeMilliseconds : Math.ceil(longest * 1.2)));
    for (const { child } of begun) child.kill("SIGKILL");
    const ended = await Promise.all(begun.map((each) => each.ended));
    const answer = what === "sync" ? undefined : ended[0];
    if (answer !== undefined) this.#note(slot, answer);
    const name = `${what} ${when}: ${ended.map(({ signal, stdout }) => (signal === null ? "done" : `killed${stdout === "" ? "" : " after its answer"}`)).join(" and ")}`;
    this.at.set(name, (this.at.get(name) ?? 0) + 1);
    await this.#look(slot);
  }

  async end(): Promise<void> {
    await this.#sync();
    const uses = this.server.receipts.filter(({ outcome }) => outcome === "yes");
    for (const [slotId, times] of this.#granted)
      if (uses.filter((use) => use.slotId === slotId).length < times) this.#break("unrecorded", slotId);
    for (const problem of this.server.problems) this.#break("refused", problem);
  }

  /** Until something changes in the state folder, or there is nothing more to wait for. */
  async #waitForWrite(ended: readonly Promise<Ran>[]): Promise<void> {
    const watcher = watch(this.#state);
    const changed = new Promise<void>((resolve) => watcher.once("change", () => resolve()));
    await Promise.race([changed, Promise.all(ended)]);
    watcher.close();
  }

  /** Asks the same again, and for the state of it all. */
  async #look(slot: SlotInHand): Promise<void> {
    const status = await this.#run("status", "", "--json");
    if (status.code !== 0) this.#break("unreadable", status.stderr);
    else {
      const { serial } = JSON.parse(status.stdout) as { serial: number | null };
      if ((serial ?? 0) < this.#serial) this.#break("older", `${serial} after ${this.#serial}`);
      this.#serial = serial ?? 0;
    }
    const again = await this.#verify(slot);
    if (!/^(yes|no spent|no wrong|no back_off|unknown no_package)\n$/.test(again.stdout))
      this.#break("unreadable", again.stdout);
  }

  #note(slot: SlotInHand, { stdout }: Ran): void {
    if (stdout !== "yes\n") return;
    const { slotId } = slot.slot;
    const times = (this.#granted.get(slotId) ?? 0) + 1;
    this.#granted.set(slotId, times);
    if (times > 1) this.#break("twice", slotId);
  }

  async #offerSlot(): Promise<SlotInHand> {
    this.#number += 1;
    const slot = await makeSlot(this.#number);
    this.server.users = [{ ...this.#user, slots: [slot.slot] }];
    return slot;
  }

  async #verify(slot: SlotInHand): Promise<Ran> {
    const ran = await this.#run("verify", slot.codeFor(24), "--user", "ada.lovelace");
    this.#note(slot, ran);
    return ran;
  }

  async #sync(): Promise<Ran> {
    const ran = await this.#run("sync", "");
    if (ran.code !== 0) this.#break("unreadable", ran.stderr);
    return ran;
  }

  async #time(work: () => Promise<unknown>): Promise<number> {
    const from = performance.now();
    await work();
    return performance.now() - from;
  }

  #start(command: string, input: string, ...args: string[]) {
    return start(process.execPath, [this.#program, command, ...args, "--state", this.#state], input);
  }

  #run(command: string, input: string, ...args: string[]): Promise<Ran> {
    return this.#start(command, input, ...args).ended;
  }

  #break(broken: Broken, shownBy: string): void {
    this.#broken.set(broken, [...(this.#broken.get(broken) ?? []), shownBy]);
  }
}
