import "server-only";
import { rotateOpenidKey } from "@/lib/openid/signing-keys";
import { type Command, Misuse, operator, say } from "./command";

/** The operator's commands about OpenID Connect. */
export const openidCommands: Record<string, Command> = {
  "rotate-openid-key": {
    usage: "rotate-openid-key [--compromised]",
    about:
      "makes the next key that ID tokens are signed with; --compromised: it signs at once, the older ones end",
    run: async ([flag, ...others]) => {
      if ((flag !== undefined && flag !== "--compromised") || others.length > 0)
        throw new Misuse("The only option is --compromised.");
      const rotated = await rotateOpenidKey(operator("rotate-openid-key"), {
        isCompromised: flag === "--compromised",
      });
      say(
        `The next key is ${rotated.id}. It is published now and signs from ${rotated.signsAt.toISOString()}.`,
      );
      if (rotated.ended > 0) say(`Keys ended, with what they signed: ${rotated.ended}.`);
    },
  },
};
