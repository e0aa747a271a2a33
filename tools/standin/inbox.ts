/** A text or a call, as the phone that it went to knows it. */
export type Entry = {
  /** The provider's id: `message_uuid` of a text, `uuid` of a call. */
  id: string;
  channel: "sms" | "voice";
  /** E.164 with `+`. */
  to: string;
  /** The text; of a call what was spoken, nothing if nobody took it. */
  text: string;
  /** When the provider took it, ISO 8601. */
  at: string;
  /** The provider's latest word on it, such as `submitted`, `delivered`, `rejected`, `ringing`, `completed`. */
  status: string;
  /** The sender's own reference, where it gave one: of a text `client_ref`, of a call that in the address of its reports. */
  ref?: string;
};

/** What happens to the inbox, in the order in which it happens. */
export type InboxEvent = { kind: "put"; entry: Entry } | { kind: "cleared" };

/** All phones' texts and calls, in memory, the oldest dropped beyond a number of entries. */
export class Inbox {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<(event: InboxEvent) => void>();
  readonly #entriesMax: number;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  /** Adds an entry; forgets the oldest one if there are too many. */
  add(entry: Entry): void {
    this.#entries.set(entry.id, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#entriesMax && oldest) this.#entries.delete(oldest);
    this.#tell({ kind: "put", entry });
  }

  /** Changes what is known of an entry; one that was forgotten stays so. */
  update(id: string, change: Partial<Pick<Entry, "status" | "text">>): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    const changed = { ...entry, ...change };
    this.#entries.set(id, changed);
    this.#tell({ kind: "put", entry: changed });
  }

  /** Lists the entries of one phone, or of all, newest first. */
  list(to?: string): Entry[] {
    const all = [...this.#entries.values()].reverse();
    return to === undefined ? all : all.filter((entry) => entry.to === to);
  }

  /** Forgets all. */
  clear(): void {
    this.#entries.clear();
    this.#tell({ kind: "cleared" });
  }

  /** Calls `listener` with each event from now on, until the answered function is called. */
  subscribe(listener: (event: InboxEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(event: InboxEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
