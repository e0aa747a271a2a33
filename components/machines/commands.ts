/** What the commands for one machine are made of. */
export interface Enrolment {
  /** The server's base URL. */
  readonly server: string;
  /** The path under which the server hands out what a machine needs. */
  readonly path: string;
  /** Each file, with its SHA-256, hexadecimal. */
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
  readonly token: string;
  readonly machine: string;
}

const folder = "/usr/local/lib/sparekey";
const agent = `node ${folder}/sparekey-agent.mjs`;

/** Fetches what a machine needs, compares it with the digests that the console knows, and puts it where it belongs (docs/machines.md). */
export function fetchLines({ server, path, files }: Pick<Enrolment, "server" | "path" | "files">): string {
  return [
    'cd "$(mktemp -d)" &&',
    `curl -fsS --remote-name-all "${server}${path}{${files.map(({ name }) => name).join(",")}}" &&`,
    "sha256sum -c <<'END' &&",
    ...files.map(({ name, sha256 }) => `${sha256}  ${name}`),
    "END",
    `install -d ${folder} &&`,
    `install -m 644 sparekey-agent.mjs ${folder}/ &&`,
    `install -m 755 verify-code ${folder}/ &&`,
    "install -m 644 sparekey-agent.service /etc/systemd/system/ &&",
    "install -m 644 sparekey-second-factor /etc/pam.d/",
  ].join("\n");
}

/** Makes the machine known to the server, and takes its first package along. */
export function enrolLines({
  server,
  token,
  machine,
}: Pick<Enrolment, "server" | "token" | "machine">): string {
  return [
    `${agent} enroll \\`,
    `  --server ${server} \\`,
    `  --token ${token} \\`,
    `  --name ${machine} &&`,
    `${agent} sync`,
  ].join("\n");
}

/** Keeps the package fresh from now on. */
export function daemonLines(): string {
  return ["systemctl daemon-reload", "systemctl enable --now sparekey-agent"].join("\n");
}

/** Lets an administrator of the machine itself in whatever happens, before anything asks for a code. */
export function exemptLines(): string {
  return ["groupadd --system sparekey-exempt", "usermod -aG sparekey-exempt THE_ADMINISTRATOR"].join("\n");
}

/** Asks for the code where Debian and Ubuntu ask for the password, at sudo first. */
export function debianLines(): string {
  return "sed -i '/^@include common-auth/a auth include sparekey-second-factor' /etc/pam.d/sudo";
}

/** What takes the place of `auth substack password-auth` on RHEL and its kin. */
export function rhelLines(): string {
  return [
    "auth required               pam_env.so",
    "auth required               pam_faillock.so preauth",
    "auth [success=1 default=ignore] pam_unix.so",
    "auth [default=die]          pam_faillock.so authfail",
    "auth include                sparekey-second-factor",
  ].join("\n");
}
