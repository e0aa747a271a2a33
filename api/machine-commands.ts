import "server-only";
import { resumeIssuing } from "@/lib/machines/resume-issuing";
import {
  announceSigningKey,
  endSigningKey,
  listSigningKeys,
  putSigningKeyInForce,
} from "@/lib/machines/rotate-signing-key";
import { assertNever, Fault } from "@/lib/platform/outcome";
import { type Command, Misuse, operator, requireArgument, say } from "./command";

async function endKey([id, flag]: string[]): Promise<void> {
  const wanted = { id: requireArgument(id === undefined ? [] : [id], "ID"), force: flag === "--force" };
  const result = await endSigningKey(operator("end-signing-key"), wanted);
  if (result.ok) {
    say(`Ended. ${result.machines} machines must be enrolled again.`);
    return;
  }
  switch (result.reason) {
    case "step_up_needed":
      throw new Fault("the operator is asked for a second factor");
    case "not_found":
      throw new Misuse("There is no such key that lives. `signing-keys` lists them.");
    case "in_force":
      throw new Misuse(
        "This is the key that new machines pin. Announce the next one and put it in force first.",
      );
    case "pinned":
      throw new Misuse(
        `${result.machines} machines pin it still. Wait until they have synced, or end it with --force: they must be enrolled again.`,
      );
    default:
      assertNever(result);
  }
}

/** The operator's commands about machines. */
export const machineCommands: Record<string, Command> = {
  "resume-issuing": {
    usage: "resume-issuing",
    about: "lets issuing go on that a machine from the future stopped",
    run: async () => {
      const result = await resumeIssuing(operator("resume-issuing"));
      if (result.ok) say(`Issuing goes on. ${result.alarms} alarms are seen.`);
      else say("Issuing is not stopped.");
    },
  },
  "signing-keys": {
    usage: "signing-keys",
    about: "lists the keys that packages for machines are signed with",
    run: async () => {
      const keys = await listSigningKeys(operator("signing-keys"));
      if (keys.length === 0) say("None yet: one is made when the first machine asks for it.");
      for (const { id, state, machines } of keys) say(`${id}  ${state.padEnd(9)}  ${machines} machines`);
    },
  },
  "announce-signing-key": {
    usage: "announce-signing-key",
    about: "makes the next one; machines pin it as they sync",
    run: async () => {
      const result = await announceSigningKey(operator("announce-signing-key"));
      if (!result.ok) throw new Misuse("One is announced already: put-signing-key-in-force comes next.");
      say(`Announced ${result.id}. Put it in force when the machines have synced.`);
    },
  },
  "put-signing-key-in-force": {
    usage: "put-signing-key-in-force",
    about: "lets new machines pin the announced one",
    run: async () => {
      const result = await putSigningKeyInForce(operator("put-signing-key-in-force"));
      if (!result.ok) throw new Misuse("None is announced: announce-signing-key comes first.");
      say(`${result.id} is in force. End the older one when no machine pins it.`);
    },
  },
  "end-signing-key": {
    usage: "end-signing-key ID [--force]",
    about: "ends an older one and deletes its private half",
    run: endKey,
  },
};
