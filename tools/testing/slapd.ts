import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Flavour } from "@/lib/ldap/model";

const program = "/usr/sbin/slapd";

/** Whether a real slapd, and what fills it and changes it, can be had here. */
export const isSlapdThere =
  existsSync(program) && ["/usr/bin/ldapmodify", "/usr/bin/openssl"].every((name) => existsSync(name));

export const BASE_DN = "dc=example,dc=com";
export const BIND_DN = `cn=sync,${BASE_DN}`;
export const BIND_PASSWORD = "p\u00e4ss wörd, with = signs";
const adminDn = `cn=admin,${BASE_DN}`;
const adminPassword = "admin";

/**
 * What Active Directory has and OpenLDAP has not, as far as it is read. Debian's own schema of it (`msuser`) has no rules of matching,
 * so that nothing can be asked for by them.
 */
const text = "EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15";
const bytes = "EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40";
const number = "EQUALITY integerMatch ORDERING integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27";
const activeDirectorySchema = [
  ["1.4.221", "sAMAccountName", text],
  ["1.4.656", "userPrincipalName", text],
  ["1.4.2", "objectGUID", bytes],
  ["1.4.115", "invocationId", bytes],
  ["1.4.8", "userAccountControl", number],
  ["1.4.159", "accountExpires", number],
  ["1.2.120", "uSNChanged", number],
  ["1.4.782", "objectCategory", text],
  ["1.4.35", "employeeID", text],
  ["1.2.141", "department", text],
  ["1.2.83", "highestCommittedUSN", number],
  ["1.4.1369", "dsServiceName", text],
]
  .map(([oid, name, kind]) => `attributetype ( 1.2.840.113556.${oid} NAME '${name}' ${kind} SINGLE-VALUE )\n`)
  .concat(
    "objectclass ( 1.2.840.113556.1.5.9 NAME 'user' SUP inetOrgPerson STRUCTURAL MAY ( sAMAccountName $ userPrincipalName $ objectGUID $ userAccountControl $ accountExpires $ uSNChanged $ objectCategory $ employeeID $ department ) )\n",
    "objectclass ( 1.2.840.113556.1.5.8 NAME 'group' SUP top STRUCTURAL MUST cn MAY ( member $ uSNChanged $ objectGUID ) )\n",
    "objectclass ( 1.2.840.113556.1.5.7000.47.1 NAME 'nTDSDSA' SUP top STRUCTURAL MUST cn MAY invocationId )\n",
  )
  .join("");

async function takePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Makes an authority of our own, and a certificate of it for `localhost` and the loopback address. */
function makeCertificates(folder: string): void {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const ca = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
  openssl(...ca, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA");
  openssl(...ca, "-keyout", "other.key", "-out", "other.pem", "-subj", "/CN=Another CA");
  writeFileSync(path.join(folder, "names.cnf"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  openssl(
    "req",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "server.key",
    "-out",
    "server.csr",
    "-subj",
    "/CN=localhost",
  );
  openssl(
    ...["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
    ...["-days", "2", "-extfile", "names.cnf", "-out", "server.pem"],
  );
}

/** A real slapd with a folder, a port and a configuration of its own. */
export class Slapd {
  readonly #folder = mkdtempSync("/tmp/sparekey-slapd-");
  #process: ChildProcess | undefined;
  port = 0;
  tlsPort = 0;

  constructor(private readonly flavour: Flavour) {
    makeCertificates(this.#folder);
    mkdirSync(path.join(this.#folder, "db"));
    writeFileSync(path.join(this.#folder, "ad.schema"), activeDirectorySchema);
    this.setRoot({});
    this.#configure();
  }

  get ca(): string {
    return readFileSync(path.join(this.#folder, "ca.pem"), "utf8");
  }

  get otherCa(): string {
    return readFileSync(path.join(this.#folder, "other.pem"), "utf8");
  }

  /** What the directory says of itself from its next start on. */
  setRoot(attributes: Record<string, string | number>): void {
    const lines = Object.entries(attributes).map(([name, value]) => `${name}: ${value}\n`);
    writeFileSync(path.join(this.#folder, "root.ldif"), `dn:\nobjectClass: top\n${lines.join("")}`);
  }

  /** Fills the directory while it doesn't run. */
  fill(ldif: string): void {
    execFileSync("/usr/sbin/slapadd", ["-q", "-f", this.#config], {
      input: ldif,
      stdio: ["pipe", "pipe", "pipe"],
    });
  }

  /** Starts it, the first time on ports that are free: one that somebody else took meanwhile ends it, and it is started on others. */
  async start(): Promise<void> {
    const picksPorts = this.port === 0;
    for (let tries = picksPorts ? 5 : 1; tries > 0; tries -= 1) {
      if (picksPorts) [this.port, this.tlsPort] = [await takePort(), await takePort()];
      if (await this.#launch()) return;
      await this.kill();
    }
    throw new Error("slapd doesn't answer");
  }

  /** Whether it answers, within ten seconds or so; not where it ended, and somebody else does. */
  async #launch(): Promise<boolean> {
    const urls = `ldap://127.0.0.1:${this.port} ldaps://127.0.0.1:${this.tlsPort}`;
    const launched = spawn(program, ["-f", this.#config, "-h", urls, "-d", "0"], { stdio: "ignore" });
    this.#process = launched;
    const ask = ["-x", "-H", `ldap://127.0.0.1:${this.port}`];
    for (let tries = 200; tries > 0 && launched.exitCode === null; tries -= 1) {
      const { status } = spawnSync("/usr/bin/ldapwhoami", ask, { stdio: "ignore" });
      await sleep(50);
      if (status === 0) return launched.exitCode === null;
    }
    return false;
  }

  /** Ends it as a power cut does, and waits until it is gone. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await gone;
  }

  /** Changes entries as an administrator does. */
  modify(ldif: string): void {
    execFileSync(
      "/usr/bin/ldapmodify",
      ["-x", "-H", `ldap://127.0.0.1:${this.port}`, "-D", adminDn, "-w", adminPassword],
      { input: ldif, stdio: ["pipe", "pipe", "pipe"] },
    );
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #config(): string {
    return path.join(this.#folder, "slapd.conf");
  }

  #configure(): void {
    const inFolder = (name: string) => path.join(this.#folder, name);
    const isAd = this.flavour === "active-directory";
    writeFileSync(
      this.#config,
      `
${["core", "cosine", "inetorgperson"].map((name) => `include /etc/ldap/schema/${name}.schema`).join("\n")}
include ${inFolder("ad.schema")}
pidfile ${inFolder("pid")}
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload ppolicy
rootDSE ${inFolder("root.ldif")}
TLSCertificateFile ${inFolder("server.pem")}
TLSCertificateKeyFile ${inFolder("server.key")}
TLSCACertificateFile ${inFolder("ca.pem")}
database mdb
maxsize 268435456
suffix "${BASE_DN}"
rootdn "${adminDn}"
rootpw ${adminPassword}
directory ${inFolder("db")}
dbnosync
index objectClass,uid,sAMAccountName,entryUUID,objectGUID eq
sizelimit size.soft=500 size.hard=500 size.prtotal=unlimited
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${BIND_DN}" read by * none
overlay memberof
${isAd ? "memberof-group-oc group" : "memberof-group-oc groupOfNames"}
memberof-member-ad member
memberof-memberof-ad memberOf
overlay ppolicy
`,
    );
  }
}

const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");

/** An entry as a file of them has it; bytes as base64. */
export function toLdif(
  dn: string,
  attributes: Record<string, string | number | Buffer | readonly string[]>,
): string {
  const lines = Object.entries(attributes).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) =>
      typeof each === "number" ? `${name}: ${each}` : `${name}:: ${base64(each)}`,
    ),
  );
  return `dn:: ${base64(dn)}\n${lines.join("\n")}\n\n`;
}

/** The root of the directory, where people and groups are to stand, and the account that reads them. */
export const skeleton = [
  toLdif(BASE_DN, { objectClass: ["dcObject", "organization"], dc: "example", o: "Example" }),
  toLdif(`ou=people,${BASE_DN}`, { objectClass: "organizationalUnit", ou: "people" }),
  toLdif(`ou=former,${BASE_DN}`, { objectClass: "organizationalUnit", ou: "former" }),
  toLdif(`ou=groups,${BASE_DN}`, { objectClass: "organizationalUnit", ou: "groups" }),
  toLdif(BIND_DN, {
    objectClass: ["organizationalRole", "simpleSecurityObject"],
    cn: "sync",
    userPassword: BIND_PASSWORD,
  }),
].join("");
