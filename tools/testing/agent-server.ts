import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { CompactSign, compactVerify, jwtVerify } from "jose";
import { digest } from "@/agent/jws";
import { hashAnchor } from "@/lib/codes/anchor";
import { linkAt, randomSalt, randomSeed, walkToZero } from "@/lib/codes/chain";
import { formatStandard } from "@/lib/codes/format";
import { deriveTokenKey } from "@/lib/machines/token-key";
import {
  enrolRequestSchema,
  enrolWishSchema,
  type Package,
  type PackageSlot,
  type Receipt,
  receiptSchema,
  requestClaimsSchema,
  storedRequestSchema,
  syncRequestSchema,
} from "@/lib/machines/wire";

/** An Ed25519 key pair of a server or a machine. */
export interface Pair {
  /** base64url. */
  raw: string;
  id: string;
  privateKey: KeyObject;
}

export function makePair(): Pair {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  return { raw: raw.toString("base64url"), id: digest(raw), privateKey };
}

/** Signs as the server does, by a library that the agent hasn't. */
export function signAs(pair: Pair, typ: string, payload: unknown, kid = pair.id): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg: "EdDSA", typ, kid })
    .sign(pair.privateKey);
}

/** A slot, and whoever can issue from it. */
export interface SlotInHand {
  slot: PackageSlot;
  /** The code that dies so many hours after the slot's epoch. */
  codeFor(hours: number): string;
}

/** Makes a slot whose epoch is the hour that `now` lies in. */
export async function makeSlot(
  number: number,
  more: Partial<PackageSlot> = {},
  now = new Date(),
): Promise<SlotInHand> {
  const [salt, seed] = [randomSalt(), randomSeed()];
  const anchor = await hashAnchor(walkToZero(salt, 1023, seed), salt);
  const slot: PackageSlot = {
    slotId: randomUUID(),
    number,
    kind: "once",
    slotEpoch: new Date(Math.floor(now.getTime() / 3_600_000) * 3_600_000).toISOString(),
    salt: Buffer.from(salt).toString("base64url"),
    anchor: Buffer.from(anchor).toString("base64url"),
    state: "open",
    ...more,
  };
  return { slot, codeFor: (hours) => formatStandard(hours, linkAt(salt, seed, hours)) };
}

/** A package as a server would make it now; its serial is above that of every one made before. */
export function makePackage(
  machineId: string,
  users: Package["users"],
  more: Partial<Package> = {},
): Package {
  const now = more.issuedAt === undefined ? new Date() : new Date(more.issuedAt);
  serial += 1;
  return {
    machineId,
    generation: 1,
    serial,
    issuedAt: now.toISOString(),
    notAfter: new Date(now.getTime() + 7 * 24 * 3_600_000).toISOString(),
    serverTime: now.toISOString(),
    codeSecondsMax: 7 * 24 * 3600,
    users,
    ...more,
  };
}
let serial = 1;

/** What a request met that keeps to nothing but the protocol. */
export interface AgentServer {
  url: string;
  key: Pair;
  token: string;
  machineId: string;
  /** What the next packages hold. */
  users: Package["users"];
  more: Partial<Package>;
  /** Takes the place of the next signed packages where it is set. */
  replaceWith: ((jws: string) => string | Promise<string>) | undefined;
  receipts: Receipt[];
  stored: { generation: number; serial: number; pinned: string }[];
  syncs: { holds: unknown; pinned: string }[];
  /** How often the machine said that it withdrew its package. */
  withdrawn: number;
  /** Answers every request with this status where it is set, but for 410 that last word. */
  refuseWith: number | undefined;
  problems: string[];
  close(): Promise<void>;
}

class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Starts a server that knows one machine and refuses whatever doesn't keep to the protocol to the letter. */
export async function startAgentServer(): Promise<AgentServer> {
  const key = makePair();
  const jtis = new Set<string>();
  let machine: { raw: string; name: string } | undefined;
  let last = { seq: 0, hash: digest("") };

  const require = (holds: boolean, what: string, status = 400) => {
    if (!holds) throw new Refused(status, what);
  };

  async function authenticate(request: IncomingMessage, body: string): Promise<void> {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    require(machine !== undefined, "no such machine", 401);
    const { payload, protectedHeader } = await jwtVerify(token, toKey(machine?.raw ?? ""), {
      algorithms: ["EdDSA"],
      audience: self.url,
    });
    const claims = requestClaimsSchema.parse(payload);
    require(protectedHeader.kid === self.machineId, "kid", 401);
    require(claims.exp - claims.iat <= 60 && claims.exp * 1000 > Date.now(), "exp", 401);
    require(claims.method === request.method && claims.path === request.url, "method, path", 401);
    require(claims.body === digest(body), "body", 401);
    require(!jtis.has(claims.jti), "replay", 401);
    jtis.add(claims.jti);
  }

  async function takeReceipt(jws: string): Promise<void> {
    const { payload, protectedHeader } = await compactVerify(jws, toKey(machine?.raw ?? ""));
    const receipt = receiptSchema.parse(JSON.parse(new TextDecoder().decode(payload)));
    require(protectedHeader.typ === "sparekey-receipt", "typ");
    require(receipt.machineId === self.machineId, "machineId");
    if (receipt.seq <= last.seq) return;
    require(receipt.seq === last.seq + 1 && receipt.previous === last.hash, `chain at ${receipt.seq}`);
    last = { seq: receipt.seq, hash: digest(jws) };
    self.receipts.push(receipt);
  }

  const routes: Record<string, (body: string, request: IncomingMessage) => Promise<[number, unknown]>> = {
    "GET /agent/v1/signing-key": async () => [200, { publicKey: self.key.raw }],
    "POST /agent/v1/enrol": async (body) => {
      const { wish } = enrolRequestSchema.parse(JSON.parse(body));
      const { publicKey } = deriveTokenKey(self.token);
      const { payload, protectedHeader } = await compactVerify(wish, toKey(publicKey));
      require(protectedHeader.typ === "sparekey-enrol" && protectedHeader.kid === publicKey, "token", 403);
      const asked = enrolWishSchema.parse(JSON.parse(new TextDecoder().decode(payload)));
      require(asked.signingKey === self.key.id, "signingKey");
      machine = { raw: asked.publicKey, name: asked.machine };
      const enrolment = {
        machineId: self.machineId,
        machine: asked.machine,
        publicKey: asked.publicKey,
        serverTime: new Date().toISOString(),
      };
      return [201, { enrolment: await signAs(self.key, "sparekey-enrolment", enrolment) }];
    },
    "POST /agent/v1/sync": async (body, request) => {
      await authenticate(request, body);
      const asked = syncRequestSchema.parse(JSON.parse(body));
      self.syncs.push({ holds: asked.holds, pinned: asked.pinned });
      for (const jws of asked.receipts) await takeReceipt(jws);
      const jws = await signAs(
        self.key,
        "sparekey-package",
        makePackage(self.machineId, self.users, self.more),
      );
      const sent = (await self.replaceWith?.(jws)) ?? jws;
      return [200, { package: sent, receipts: last, syncSeconds: 3600 }];
    },
    "POST /agent/v1/stored": async (body, request) => {
      await authenticate(request, body);
      self.stored.push(storedRequestSchema.parse(JSON.parse(body)));
      return [204, undefined];
    },
    "POST /agent/v1/withdrawn": async (body, request) => {
      await authenticate(request, body);
      require(self.refuseWith === 410, "not_ended", 409);
      self.withdrawn += 1;
      return [204, undefined];
    },
    "POST /agent/v1/leave": async (body, request) => {
      await authenticate(request, body);
      machine = undefined;
      return [204, undefined];
    },
  };

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    try {
      const route = routes[`${request.method} ${request.url}`];
      const isLastWord = self.refuseWith === 410 && request.url === "/agent/v1/withdrawn";
      if (self.refuseWith !== undefined && !isLastWord)
        throw new Refused(self.refuseWith, self.refuseWith === 410 ? '{"error":"ended"}' : "refused");
      if (route === undefined) throw new Refused(404, "no such door");
      const [status, answer] = await route(Buffer.concat(chunks).toString(), request);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(answer === undefined ? undefined : JSON.stringify(answer));
    } catch (error) {
      self.problems.push(String(error));
      response
        .writeHead(error instanceof Refused ? error.status : 400)
        .end(error instanceof Refused ? error.message : "");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const self: AgentServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key,
    token: `${randomBytes(16).toString("base64url")}.${key.id}`,
    machineId: randomUUID(),
    users: [],
    more: {},
    replaceWith: undefined,
    receipts: [],
    stored: [],
    syncs: [],
    withdrawn: 0,
    refuseWith: undefined,
    problems: [],
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return self;
}

function toKey(raw: string): KeyObject {
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: raw }, format: "jwk" });
}
