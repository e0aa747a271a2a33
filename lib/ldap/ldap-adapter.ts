import "server-only";
import net from "node:net";
import tls from "node:tls";
import { Client, type Filter } from "ldapts";
import { type DirectoryAddress, DirectoryTrouble, type Trouble } from "./model";

const CONNECT_MS = 10_000;

/** A page that takes longer is none. */
const PAGE_MS = 20_000;

/** What one answer may come to; a page of people is a hundredth of it. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

/** More entries than any company has people. */
const ENTRIES_MAX = 500_000;

/** An entry as the directory gives it. Names of attributes are in lower case. */
export interface RawEntry {
  dn: string;
  /** Bytes where they were asked for, or one of the values isn't UTF-8. */
  values(attribute: string): readonly (string | Buffer)[];
  /** A part of the values of an attribute that has too many for one answer, and from where on there are more; null: these were the last. */
  range(attribute: string): { values: readonly (string | Buffer)[]; next: number | null } | undefined;
}

/** What is looked for. */
export interface Search {
  base: string;
  filter: Filter;
  attributes: readonly string[];
  /** `base`: the entry itself; without it all below. */
  scope?: "base";
  pageSize?: number;
}

const byCode: Readonly<Record<string, Trouble>> = {
  ENOTFOUND: "name_not_found",
  EAI_AGAIN: "name_not_found",
  ECONNREFUSED: "unreachable",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ETIMEDOUT: "unreachable",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate_of_another",
  CERT_HAS_EXPIRED: "certificate_expired",
  CERT_NOT_YET_VALID: "certificate_expired",
  EPROTO: "tls_failed",
};

/** Result codes of RFC 4511, 4.1.9, that say what to do. */
const byResult: Readonly<Record<number, Trouble>> = {
  3: "too_slow",
  4: "limited",
  8: "tls_needed",
  11: "limited",
  13: "tls_needed",
  32: "base_not_found",
  48: "bind_refused",
  49: "bind_refused",
  50: "not_allowed",
};

function toReason(code: unknown, message: string, ifLost: Trouble): Trouble {
  if (typeof code === "number") return byResult[code] ?? "answered_oddly";
  const text = String(code ?? "");
  const known = byCode[text];
  if (known !== undefined) return known;
  if (/CERT|ISSUER|SIGNATURE|SELF_SIGNED/.test(text) && !text.startsWith("ERR_"))
    return "certificate_untrusted";
  if (/^ERR_SSL/.test(text)) return "tls_failed";
  if (/Connection timeout/.test(message)) return "unreachable";
  if (/timed out/.test(message)) return "too_slow";
  return ifLost;
}

/**
 * An open connection to a directory, over which one thing is asked after another. It is never made again when it is lost, as its
 * library would: unbound then, and without TLS, it would answer less than there is.
 */
export class OpenDirectory {
  readonly #client: Client;
  #bytesLeft = ANSWER_BYTES_MAX;
  #isTooLarge = false;
  #isConnecting = true;
  #sockets = 0;
  #lose: (error: Error) => void = () => undefined;
  readonly #lost = new Promise<never>((_, reject) => {
    this.#lose = reject;
  });

  constructor(private readonly address: DirectoryAddress) {
    this.#lost.catch(() => undefined);
    this.#client = new Client({
      url: address.url,
      connectTimeout: CONNECT_MS,
      timeout: PAGE_MS,
      ...(address.url.startsWith("ldaps:") ? { tlsOptions: this.#tlsOptions() } : {}),
      createConnection: ((port: number, host: string) =>
        this.#watch(net.connect(port, host), "connect")) as typeof net.connect,
      createSecureConnection: ((...args: Parameters<typeof tls.connect>) =>
        this.#watch(tls.connect(...args), "secureConnect")) as typeof tls.connect,
    });
  }

  /** Connects, under TLS where that is asked for, and says who we are. */
  async open(): Promise<void> {
    const { startsTls, bindDn, password } = this.address;
    await this.#tell(async () => {
      if (startsTls) await this.#client.startTLS(this.#tlsOptions());
      await this.#client.bind(bindDn, password);
    });
    this.#isConnecting = false;
  }

  /** Takes leave; what was going on ends. */
  async close(): Promise<void> {
    await Promise.race([this.#client.unbind(), this.#lost]).catch(() => undefined);
  }

  /**
   * Reads all entries that fit, a page at a time.
   * @throws {DirectoryTrouble} also where the pages bring more than any directory has.
   */
  async *pages({ base, filter, attributes, scope, pageSize = 250 }: Search): AsyncGenerator<RawEntry[]> {
    const pages = this.#client.searchPaginated(base, {
      filter,
      scope: scope ?? "sub",
      attributes: [...attributes],
      explicitBufferAttributes: attributes.filter((name) => /guid$|^invocationid$/i.test(name)),
      timeLimit: PAGE_MS / 1_000,
      paged: { pageSize },
    });
    for (let count = 0; ; ) {
      const { done, value } = await this.#tell(() => pages.next());
      if (done) return;
      count += value.searchEntries.length;
      if (count > ENTRIES_MAX) throw new DirectoryTrouble("endless", `more than ${ENTRIES_MAX} entries`);
      yield value.searchEntries.map(toRawEntry);
    }
  }

  /** Reads the entries that fit, all at once: for what is few. */
  async find(search: Search): Promise<RawEntry[]> {
    const found: RawEntry[] = [];
    for await (const page of this.pages(search)) found.push(...page);
    return found;
  }

  /** What a connection that ends without a word means. */
  #ifLost(): Trouble {
    if (!this.#isConnecting) return "went_away";
    return this.address.startsTls || this.address.url.startsWith("ldaps:") ? "tls_failed" : "answered_oddly";
  }

  #tlsOptions(): tls.ConnectionOptions {
    const host = new URL(this.address.url.replace(/^ldap/, "http")).hostname.replace(/^\[|\]$/g, "");
    const { caCertificate } = this.address;
    return {
      host,
      ...(net.isIP(host) === 0 ? { servername: host } : {}),
      ...(caCertificate === null ? {} : { ca: caCertificate }),
      minVersion: "TLSv1.2",
      rejectUnauthorized: true,
    };
  }

  #watch<S extends net.Socket>(socket: S, event: "connect" | "secureConnect"): S {
    this.#sockets += 1;
    if (this.#sockets > (this.address.startsTls ? 2 : 1)) {
      socket.destroy();
      throw new DirectoryTrouble("went_away", "the connection was lost");
    }
    const late = setTimeout(
      () => socket.destroy(Object.assign(new Error("Connection timeout"), { code: "ETIMEDOUT" })),
      CONNECT_MS,
    );
    socket.once("close", () => {
      clearTimeout(late);
      if (!this.#isConnecting) this.#lose(new Error("the connection was lost"));
    });
    socket.once(event, () => {
      clearTimeout(late);
      socket.on("data", (bytes) => {
        this.#bytesLeft -= bytes.length;
        if (this.#bytesLeft >= 0) return;
        this.#isTooLarge = true;
        socket.destroy(new Error("the answer is too large"));
      });
    });
    return socket;
  }

  async #tell<T>(work: () => Promise<T>): Promise<T> {
    this.#bytesLeft = ANSWER_BYTES_MAX;
    try {
      return await Promise.race([work(), this.#lost]);
    } catch (error) {
      if (error instanceof DirectoryTrouble) throw error;
      const { code, message } = error as { code?: unknown; message: string };
      if (this.#isTooLarge)
        throw new DirectoryTrouble(
          "too_large",
          `more than ${ANSWER_BYTES_MAX / 1024 / 1024} MiB at once`,
          error,
        );
      throw new DirectoryTrouble(toReason(code, message, this.#ifLost()), toDetail(code, message), error);
    }
  }
}

/** The directory's own words without what the library puts around them, or the system's name for what happened. */
function toDetail(code: unknown, message: string): string {
  const words = message
    .replace(/ ?Code: 0x[0-9a-f]+$/, "")
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, 300)
    .replace(/[\ud800-\udbff]$/u, "");
  return typeof code === "string" && !words.includes(code) ? `${code}: ${words}` : words;
}

function toRawEntry({ dn, ...rest }: { dn: string; [name: string]: unknown }): RawEntry {
  const byName = new Map(
    Object.entries(rest).map(([name, value]) => [
      name.toLowerCase(),
      (Array.isArray(value) ? value : [value]) as (string | Buffer)[],
    ]),
  );
  return {
    dn,
    values: (attribute) => byName.get(attribute.toLowerCase()) ?? [],
    range: (attribute) => {
      const start = `${attribute.toLowerCase()};range=`;
      const [name, values] =
        [...byName].find(([each, { length }]) => each.startsWith(start) && length > 0) ?? [];
      if (name === undefined || values === undefined) return undefined;
      const last = /^\d+-(\d+|\*)$/.exec(name.slice(start.length))?.[1];
      return { values, next: last === undefined || last === "*" ? null : Number(last) + 1 };
    },
  };
}

/**
 * Opens a directory for as long as `work` takes.
 * @throws {DirectoryTrouble} where it can't be read, from the first name to the last page.
 */
export async function withDirectory<T>(
  address: DirectoryAddress,
  work: (directory: OpenDirectory) => Promise<T>,
): Promise<T> {
  const directory = new OpenDirectory(address);
  try {
    await directory.open();
    return await work(directory);
  } finally {
    await directory.close();
  }
}
