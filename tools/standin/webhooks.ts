import { createHash, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import type { Account } from "./authentication";
import type { Clock } from "./clock";

/**
 * How the webhooks misbehave: `normal`, each sent `twice` under one `jti`, the later ones first (`reversed`: each is held until the
 * next of its text or call has gone out, the last goes first), or `dropped`.
 */
export const webhookModes = ["normal", "twice", "reversed", "dropped"] as const;

/** One of `webhookModes`. */
export type WebhookMode = (typeof webhookModes)[number];

const attemptsMax = 6;

/**
 * Sends signed webhooks, each again with growing pauses until it is answered by a 2xx, six times in all. Those of one text or call go
 * out one after the other; what is sent again waits for nobody.
 */
export class WebhookSender {
  mode: WebhookMode = "normal";
  readonly #account: Account;
  readonly #clock: Clock;
  readonly #held = new Map<string, { url: string; payload: object }[]>();
  readonly #sent = new Map<string, Promise<unknown>>();

  constructor(account: Account, clock: Clock) {
    this.#account = account;
    this.#clock = clock;
  }

  /**
   * Sends one webhook in its own time.
   *
   * @param key the text or call that it is about
   * @param isLast whether none follows about the same
   */
  send(key: string, url: string | undefined, payload: object, isLast: boolean): void {
    if (!url || this.mode === "dropped") return;
    if (this.mode === "reversed") {
      const held = [...(this.#held.get(key) ?? []), { url, payload }];
      this.#held.set(key, held);
      if (isLast) {
        this.#held.delete(key);
        void this.#inOrder(held.reverse());
      }
      return;
    }
    const id = randomUUID();
    const body = JSON.stringify(payload);
    const earlier = this.#sent.get(key) ?? Promise.resolve();
    const goOut = () => earlier.then(() => this.#attempt(id, url, body));
    const sent = goOut();
    if (isLast) this.#sent.delete(key);
    else this.#sent.set(key, sent);
    void this.#insist(id, url, body, sent);
    if (this.mode === "twice") void this.#insist(id, url, body, goOut());
  }

  async #inOrder(webhooks: { url: string; payload: object }[]): Promise<void> {
    for (const { url, payload } of webhooks) {
      const [id, body] = [randomUUID(), JSON.stringify(payload)];
      await this.#insist(id, url, body, this.#attempt(id, url, body));
    }
  }

  async #insist(id: string, url: string, body: string, first: Promise<boolean>): Promise<void> {
    let isTaken = await first;
    for (let attempt = 1; !isTaken && attempt < attemptsMax && !this.#clock.stopped.aborted; attempt++) {
      await this.#clock.wait(1_000 * 2 ** (attempt - 1));
      isTaken = await this.#attempt(id, url, body);
    }
  }

  /** Sends it once; @returns whether it was answered by a 2xx. */
  async #attempt(id: string, url: string, body: string): Promise<boolean> {
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${await this.#sign(id, body)}`,
        },
        body,
        redirect: "manual",
        signal: AbortSignal.any([AbortSignal.timeout(10_000), this.#clock.stopped]),
      });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    }
  }

  #sign(id: string, body: string): Promise<string> {
    return new SignJWT({
      jti: id,
      payload_hash: createHash("sha256").update(body).digest("hex"),
      api_key: this.#account.apiKey,
      application_id: this.#account.applicationId,
    })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuer("Vonage")
      .setIssuedAt()
      .sign(new TextEncoder().encode(this.#account.signatureSecret));
  }
}
