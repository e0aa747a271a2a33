import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createClient } from "@/lib/clients/create";
import { endClient } from "@/lib/clients/end";
import type { CreateClientInput } from "@/lib/clients/input";
import { listClients } from "@/lib/clients/list";
import type { ClientView } from "@/lib/clients/model";
import { systemContext } from "@/lib/platform/context";
import { oauthScopes } from "@/lib/staff/scopes";

const ctx = systemContext("demo", "demo-clients");
const callsPerSecond = 1000;

interface DemoClient {
  file: string;
  make(): Promise<{ input: CreateClientInput; toText(made: Made): string }>;
}
type Made = Extract<Awaited<ReturnType<typeof createClient>>, { ok: true }>;

const legacyKey = (file: string, role: "helpdesk" | "integration"): DemoClient => ({
  file,
  make: async () => ({
    input: { kind: "legacy_key", name: `Demo: ${file}`, role, callsPerSecond },
    toText: (made) => JSON.stringify(made.kind === "legacy_key" ? made.keyFile : {}, null, 2),
  }),
});

const demoClients: readonly DemoClient[] = [
  legacyKey("admin-api.key.json", "integration"),
  legacyKey("helpdesk-api.key.json", "helpdesk"),
  {
    file: "oauth-client.jwk.json",
    make: async () => ({
      input: { kind: "oauth", name: "Demo: oauth-client.jwk.json", scopes: [...oauthScopes], callsPerSecond },
      toText: (made) => JSON.stringify(made.kind === "oauth" ? made.privateJwk : {}, null, 2),
    }),
  },
  {
    file: "authn-client-key.txt",
    make: async () => ({
      input: { kind: "client_key", name: "Demo: authn-client-key.txt", callsPerSecond },
      toText: (made) => (made.kind === "client_key" ? made.clientKey : ""),
    }),
  },
  {
    file: "oidc-client.json",
    make: async () => ({
      input: {
        kind: "openid",
        name: "Demo: oidc-client.json",
        redirectUris: ["http://localhost:3999/callback"],
        callsPerSecond,
      },
      toText: (made) => JSON.stringify(made.kind === "openid" ? made.clientFile : {}, null, 2),
    }),
  },
  {
    file: "scim-token.txt",
    make: async () => ({
      input: { kind: "scim", name: "Demo: scim-token.txt", callsPerSecond },
      toText: (made) => (made.kind === "scim" ? made.token : ""),
    }),
  },
];

/**
 * Makes the demo's callers and writes what they call with into `folder`, readable by its owner alone (contract, "Demo data").
 * A file that is there and whose client lives stays as it is; otherwise the client is made anew, and the one before it ended.
 */
export async function seedDemoClients(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const live = (await listClients(ctx)).filter((client) => client.endedAt === null);
  for (const { file, make } of demoClients) {
    const target = path.join(folder, file);
    const known = live.filter((client) => client.name === `Demo: ${file}`);
    if (known.length === 1 && isWrittenFor(target, known[0])) continue;
    for (const { id } of known) await endClient(ctx, { clientId: id });
    const { input, toText } = await make();
    const made = await createClient(ctx, input);
    if (!made.ok) throw new Error(`no room for the demo's client ${file}: ${made.reason}`);
    writeFileSync(`${target}.new`, `${toText(made)}\n`, { mode: 0o600 });
    renameSync(`${target}.new`, target);
  }
}

/** Whether the file stands, and by all that can be told is that of `client`. */
function isWrittenFor(target: string, client: ClientView | undefined): boolean {
  if (client === undefined || !existsSync(target)) return false;
  const text = readFileSync(target, "utf8");
  return client.accessId === null ? text.trim() !== "" : text.includes(client.accessId);
}
