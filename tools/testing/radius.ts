import { execFile, execFileSync, spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const shipped = "docs/radius";
const installed = "/etc/freeradius/3.0";
const secret = "a secret of the tests";

/** Whether a real FreeRADIUS can be started here. */
export const hasFreeradius =
  process.getuid?.() === 0 &&
  ["/usr/sbin/freeradius", "/usr/lib/freeradius/rlm_rest.so", "/usr/bin/radclient"].every(existsSync);

/** Whether there is a Wi-Fi client beside it. */
export const hasEapolTest = hasFreeradius && existsSync("/usr/bin/eapol_test");

/** What a RADIUS server answered. */
export interface RadiusReply {
  /** `Access-Accept`, `Access-Challenge`, `Access-Reject`; undefined where nothing came. */
  code: string | undefined;
  state: string | undefined;
  message: string | undefined;
  /** All that radclient said. */
  said: string;
}

/** A running FreeRADIUS of Debian's, with the configuration that we ship. */
export interface Freeradius {
  port: number;
  /** Sends an Access-Request by radclient; attributes are as radclient takes them, strings quoted by `quote`. */
  send(attributes: Readonly<Record<string, string>>, options?: SendOptions): Promise<RadiusReply>;
  /** Signs in to a Wi-Fi by eapol_test: by which name the access point was told to let in, undefined where it wasn't. */
  joinWifi(network: WifiNetwork): Promise<string | undefined>;
  /** What it wrote to its log. */
  log(): string;
  close(): Promise<void>;
}

interface WifiNetwork {
  eap: string;
  phase2: string;
  identity: string;
  password: string;
  /** The name outside of TLS: `anonymous` without. */
  outer?: string;
  port?: number;
}

interface SendOptions {
  port?: number;
  /** Seconds until it is sent again, and how often. */
  timeout?: number;
  tries?: number;
  /** Without the Message-Authenticator that the server wants. */
  unsigned?: boolean;
}

/** A string as radclient reads it. */
export const quote = (text: string) => `"${text.replace(/[\\"]/g, "\\$&")}"`;

function change(file: string, changes: readonly [string | RegExp, string][]): void {
  let text = readFileSync(file, "utf8");
  for (const [from, to] of changes) {
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`${file} has no ${from}`);
    text = changed;
  }
  writeFileSync(file, text);
}

async function findFreeUdpPort(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

function install(folder: string, port: number, url: string, clientKey: string): void {
  cpSync(installed, folder, { recursive: true, verbatimSymlinks: true });
  for (const site of readdirSync(path.join(folder, "sites-enabled")))
    rmSync(path.join(folder, "sites-enabled", site));
  rmSync(path.join(folder, "mods-enabled/eap"), { force: true });
  for (const module of ["sparekey", ...(hasEapolTest ? ["sparekey-eap"] : [])])
    cpSync(path.join(shipped, "mods-available", module), path.join(folder, "mods-enabled", module));
  cpSync(path.join(shipped, "sites-available/sparekey"), path.join(folder, "sites-enabled/sparekey"));
  cpSync(path.join(shipped, "clients.conf"), path.join(folder, "clients.conf"));
  change(path.join(folder, "mods-enabled/sparekey"), [
    [/base_url = .*/, `base_url = "${url}"`],
    [/client_key = .*/, `client_key = "${clientKey}"`],
  ]);
  change(path.join(folder, "sites-enabled/sparekey"), [["port = 1812", `port = ${port}`]]);
  change(path.join(folder, "radiusd.conf"), [["reject_delay = 1", "reject_delay = 0"]]);
  change(path.join(folder, "clients.conf"), [
    ["ipaddr = 192.0.2.1", "ipaddr = 127.0.0.1"],
    [/secret = .*/, `secret = "${secret}"`],
  ]);
  if (hasEapolTest) {
    const [key, certificate] = ["sparekey.key", "sparekey.pem"].map((name) =>
      path.join(folder, "certs", name),
    );
    const words = `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=radius.test -keyout ${key} -out ${certificate}`;
    execFileSync("openssl", words.split(" "), { stdio: "ignore" });
  }
  execFileSync("chown", ["-R", "freerad:freerad", folder]);
}

const run = (command: string, args: string[], input = "") =>
  new Promise<string>((resolve) => {
    const child = execFile(command, args, { timeout: 50_000 }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
    child.stdin?.end(input);
  });

function toReply(said: string): RadiusReply {
  const [, received = ""] = /^(Received Access-.*)/ms.exec(said) ?? [];
  return {
    code: /^Received (Access-\w+)/.exec(received)?.[1],
    state: /\tState = (0x[0-9a-f]+)/.exec(received)?.[1],
    message: /\tReply-Message = "(.*)"/.exec(received)?.[1],
    said,
  };
}

/** Starts one that asks the doors at `url`. */
export async function startFreeradius(url: string, clientKey: string): Promise<Freeradius> {
  const folder = mkdtempSync(path.join(tmpdir(), "sparekey-radius-"));
  const port = await findFreeUdpPort();
  install(folder, port, url, clientKey);
  const server = spawn("freeradius", ["-d", folder, "-f", "-l", "stdout"]);
  let log = "";
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes("Ready to process requests")) resolve();
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    server.once("exit", (code) => reject(new Error(`freeradius ended with ${code}: ${log}`)));
  });
  return {
    port,
    async send(attributes, options = {}) {
      const { timeout = 20, tries = 1, unsigned = false } = options;
      const all = { ...attributes, ...(unsigned ? {} : { "Message-Authenticator": "0x00" }) };
      const line = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
      const args = ["-x", "-r", String(tries), "-t", String(timeout)];
      const to = [`127.0.0.1:${options.port ?? port}`, "auth", secret];
      return toReply(await run("radclient", [...args, ...to], `${line.join(", ")}\n`));
    },
    async joinWifi({ eap, phase2, identity, password, outer = "anonymous", ...to }) {
      const file = path.join(folder, "network.conf");
      const lines = Object.entries({
        key_mgmt: "WPA-EAP",
        eap,
        identity: `"${identity}"`,
        anonymous_identity: `"${outer}"`,
        password: `"${password}"`,
        ca_cert: `"${folder}/certs/sparekey.pem"`,
        phase2: `"auth=${phase2}"`,
      }).map(([name, value]) => `${name}=${value}`);
      writeFileSync(file, `network={\n${lines.join("\n")}\n}\n`);
      const args = ["-c", file, "-a", "127.0.0.1", "-p", String(to.port ?? port), "-s", secret, "-t", "20"];
      const said = await run("eapol_test", args);
      if (!said.trimEnd().endsWith("SUCCESS")) return undefined;
      const [, received = ""] = /.*(code=2 \(Access-Accept\).*)/s.exec(said) ?? [];
      return /\(User-Name\).*\n\s+Value: '(.*)'/.exec(received)?.[1] ?? "";
    },
    log: () => log,
    async close() {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

/** A network between a RADIUS client and a server that loses the first answers. */
export interface LossyNetwork {
  port: number;
  /** How many requests and answers passed. */
  requests: number;
  answers: string[];
  close(): void;
}

/** Starts one that sends every request twice, and loses so many answers before one passes. */
export async function startLossyNetwork(to: number, lost: number): Promise<LossyNetwork> {
  const front = createSocket("udp4");
  const back: Socket = createSocket("udp4");
  const network: LossyNetwork = { port: 0, requests: 0, answers: [], close };
  function close() {
    front.close();
    back.close();
  }
  let client: AddressInfo | undefined;
  front.on("message", (message, { address, port, family }) => {
    client = { address, port, family };
    network.requests += 1;
    for (let copy = 0; copy < 2; copy += 1) back.send(message, to, "127.0.0.1");
  });
  back.on("message", (message) => {
    network.answers.push(message.toString("hex"));
    if (network.answers.length > lost && client !== undefined)
      front.send(message, client.port, client.address);
  });
  for (const socket of [front, back])
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  network.port = front.address().port;
  return network;
}
