import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { CompactSign, compactVerify, decodeProtectedHeader, importJWK, SignJWT } from "jose";
import { deriveTokenKey } from "@/lib/machines/token-key";
import { type Package, packageSchema } from "@/lib/machines/wire";
import type { DoorAnswer, Doors } from "./doors";

/** What a test lets a machine say wrongly in the JWT of a request. */
export interface Lies {
  readonly aud?: string;
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  readonly iat?: number;
  readonly exp?: number;
  readonly jti?: string;
  readonly kid?: string;
  readonly alg?: string;
  readonly key?: KeyObject | Uint8Array;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("base64url");

/** A machine that speaks to the agent's door as the program does. */
export class TestMachine {
  readonly keys = generateKeyPairSync("ed25519");
  machineId = "";
  pinned = "";
  holds: { generation: number; serial: number } | null = null;
  /** The raw halves of the signing keys that it pins, the last one first. */
  signingKeys: string[] = [];

  constructor(
    readonly doors: Doors,
    readonly name: string,
  ) {}

  /** Its public key, as it is sent. */
  get publicKey(): string {
    return this.keys.publicKey.export({ format: "jwk" }).x as string;
  }

  /** What it says to enrol, signed by the token. */
  async wish(token: string, overrides: object = {}): Promise<string> {
    const { privateKey, publicKey } = deriveTokenKey(token);
    const wish = {
      machine: this.name,
      publicKey: this.publicKey,
      signingKey: token.split(".")[1],
      agentVersion: "0.0.1",
      ...overrides,
    };
    return new CompactSign(Buffer.from(JSON.stringify(wish)))
      .setProtectedHeader({ alg: "EdDSA", typ: "sparekey-enrol", kid: publicKey })
      .sign(privateKey);
  }

  /** Enrols; answers what the door said. */
  async enrol(token: string, overrides: object = {}): Promise<DoorAnswer> {
    const body = { wish: await this.wish(token, overrides) };
    const answer = await this.doors.call("POST", "/agent/v1/enrol", { body });
    if (answer.status !== 201) return answer;
    const key = await this.doors.call("GET", "/agent/v1/signing-key");
    const raw = key.body.publicKey as string;
    this.pinned = createHash("sha256").update(Buffer.from(raw, "base64url")).digest("base64url");
    this.signingKeys = [raw];
    const enrolment = await this.open(answer.body.enrolment, "sparekey-enrolment");
    this.machineId = (enrolment as { machineId: string }).machineId;
    return answer;
  }

  /** The JWT of a request. */
  async sign(method: string, path: string, body: string, lies: Lies = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const { alg = "EdDSA", kid = this.machineId, key = this.keys.privateKey, ...claims } = lies;
    return new SignJWT({
      aud: process.env.BASE_URL as string,
      method,
      path,
      body: sha256(body),
      iat: now,
      exp: now + 60,
      jti: randomUUID(),
      ...claims,
    })
      .setProtectedHeader({ alg, kid })
      .sign(key);
  }

  /** Sends a signed request; `body` is sent as JSON. */
  async call(method: string, path: string, body?: unknown, lies: Lies = {}): Promise<DoorAnswer> {
    const text = body === undefined ? "" : JSON.stringify(body);
    const authorization = `Bearer ${await this.sign(method, path, text, lies)}`;
    return this.doors.call(method, path, {
      headers: { authorization },
      ...(body === undefined ? {} : { body: text }),
    });
  }

  /** Asks for a package, and stores it unless told otherwise. */
  async sync({
    store = true,
    ...overrides
  }: {
    store?: boolean;
    holds?: object | null;
    receipts?: readonly string[];
  } = {}): Promise<DoorAnswer & { package?: Package }> {
    const answer = await this.call("POST", "/agent/v1/sync", {
      agentVersion: "0.0.1",
      holds: this.holds,
      pinned: this.pinned,
      receipts: [],
      ...overrides,
    });
    if (answer.status !== 200) return answer;
    const made = packageSchema.parse(await this.open(answer.body.package, "sparekey-package"));
    if (store) await this.store(made);
    return { ...answer, package: made };
  }

  /** Stores a package, pins the next signing key, and says so. */
  async store(made: Package): Promise<DoorAnswer> {
    this.holds = { generation: made.generation, serial: made.serial };
    if (made.nextSigningKey !== undefined) {
      this.signingKeys.unshift(made.nextSigningKey);
      this.pinned = createHash("sha256")
        .update(Buffer.from(made.nextSigningKey, "base64url"))
        .digest("base64url");
    }
    return this.call("POST", "/agent/v1/stored", { ...this.holds, pinned: this.pinned });
  }

  /** Opens what the server signed, by one of the pinned keys. */
  async open(jws: string, typ: string): Promise<unknown> {
    const header = decodeProtectedHeader(jws);
    if (header.typ !== typ) throw new Error(`typ is ${header.typ}`);
    for (const x of this.signingKeys) {
      const id = createHash("sha256").update(Buffer.from(x, "base64url")).digest("base64url");
      if (id !== header.kid) continue;
      const key = await importJWK({ kty: "OKP", crv: "Ed25519", x }, "EdDSA");
      const { payload } = await compactVerify(jws, key, { algorithms: ["EdDSA"] });
      return JSON.parse(Buffer.from(payload).toString("utf8"));
    }
    throw new Error("signed by a key that isn't pinned");
  }
}
