import { describe, expect, it } from "vitest";
import { makePackage, makePair, makeSlot, signAs } from "@/tools/testing/agent-server";
import { acceptPackage, type Expected } from "./accept";
import { toVersion } from "./state";

const server = makePair();
const machineId = crypto.randomUUID();
const users = [{ userId: crypto.randomUUID(), names: ["ada"], slots: [(await makeSlot(1)).slot] }];
const pack = makePackage(machineId, users);
const jws = await signAs(server, "sparekey-package", pack);
const expected: Expected = { machineId, pinned: [server.raw], newest: undefined, now: new Date() };
const minute = 60_000;
const fromNow = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();

const judge = (text: string, more: Partial<Expected> = {}) => acceptPackage(text, { ...expected, ...more });
const signed = async (more: object, key = server, typ = "sparekey-package") =>
  signAs(key, typ, { ...pack, ...more });

describe("a package", () => {
  it("is accepted as signed by the pinned key for this machine", () => {
    expect(judge(jws)).toEqual({ ok: true, pack, pinned: [server.raw] });
  });

  it("is refused cut at any byte, or with anything behind it", () => {
    for (let length = 0; length < jws.length; length++)
      expect(judge(jws.slice(0, length)), `${length}`).toMatchObject({ ok: false });
    for (const more of ["A", ".", "=", "\n"]) expect(judge(jws + more)).toMatchObject({ ok: false });
  });

  it("is refused with any bit flipped", () => {
    const bytes = Buffer.from(jws);
    for (let i = 0; i < bytes.length; i++) {
      const flipped = Buffer.from(bytes);
      flipped[i]! ^= 1 << (i % 8);
      expect(judge(flipped.toString("latin1")), `${i}`).toMatchObject({ ok: false });
    }
  });

  it.each<[string, Promise<string>, object]>([
    ["signed by another key", signed({}, makePair()), { reason: "package_signature" }],
    [
      "signed by another key under the pinned one's id",
      signAs(makePair(), "sparekey-package", pack, server.id),
      { reason: "package_signature" },
    ],
    [
      "signed as something else than a package",
      signed({}, server, "sparekey-enrolment"),
      { reason: "package_signature" },
    ],
    ["without an issue time", signed({ issuedAt: undefined }), { reason: "package_malformed" }],
    [
      "with a salt too short",
      signed({ users: [{ ...users[0], slots: [{ ...users[0]!.slots[0], salt: "AAAA" }] }] }),
      { reason: "package_malformed" },
    ],
    [
      "for another machine",
      signed({ machineId: crypto.randomUUID() }),
      { reason: "package_of_another_machine" },
    ],
    [
      "good for more than 14 days (limits, offline)",
      signed({ notAfter: fromNow(15 * 24 * 60 * minute) }),
      { reason: "package_dates" },
    ],
    ["that ends before it was issued", signed({ notAfter: fromNow(-minute) }), { reason: "package_dates" }],
    [
      "with a slot that begins at no whole hour",
      signed({
        users: [{ ...users[0], slots: [{ ...users[0]!.slots[0], slotEpoch: "2026-01-01T00:30:00.000Z" }] }],
      }),
      { reason: "package_dates" },
    ],
    [
      "that is past",
      signed({
        issuedAt: fromNow(-2 * minute),
        serverTime: fromNow(-2 * minute),
        notAfter: fromNow(-minute),
      }),
      { reason: "package_over" },
    ],
    [
      "whose server time is past its end",
      signed({ serverTime: fromNow(8 * 24 * 60 * minute) }),
      { reason: "package_over" },
    ],
  ])("is refused %s", async (_, made, refusal) => {
    expect(judge(await made)).toEqual({ ok: false, ...refusal });
  });

  it("is refused with no signature at all, or with an algorithm of its own choice", () => {
    const [, payload, signature] = jws.split(".");
    const header = (more: object) =>
      Buffer.from(JSON.stringify({ typ: "sparekey-package", kid: server.id, ...more })).toString("base64url");
    for (const head of [{ alg: "none" }, { alg: "HS256" }, { alg: "EdDSA", crit: ["b64"], b64: false }])
      expect(judge(`${header(head)}.${payload}.${signature}`)).toMatchObject({ reason: "package_signature" });
    expect(judge(`${header({ alg: "none" })}.${payload}.`)).toMatchObject({ reason: "package_signature" });
  });

  it("is refused when older than the newest one: generation first, then serial, then time", async () => {
    const newest = toVersion(pack);
    const cases: [object, boolean][] = [
      [{}, true],
      [{ serial: pack.serial - 1 }, false],
      [{ serial: pack.serial + 1 }, true],
      [{ generation: 2, serial: 0 }, false],
      [{ generation: 2, serial: 1 }, true],
      [{ issuedAt: new Date(newest.issuedAt - 1).toISOString() }, false],
      [{ issuedAt: new Date(newest.issuedAt + 1).toISOString() }, true],
    ];
    for (const [more, isAccepted] of cases) {
      const isWellFormed = !("serial" in more && more.serial === 0);
      const judged = judge(await signed(more), { newest });
      expect(judged.ok, JSON.stringify(more)).toBe(isWellFormed && isAccepted);
    }
    const later = { ...newest, generation: 2 };
    expect(judge(await signed({ serial: pack.serial + 100 }), { newest: later })).toMatchObject({
      reason: "package_older",
    });
  });
});

describe("signing keys rotate", () => {
  const next = makePair();
  it("to the one that a package announced, and only to that", async () => {
    const announcing = judge(await signed({ nextSigningKey: next.raw }));
    expect(announcing).toMatchObject({ ok: true, pinned: [server.raw, next.raw] });
    const both = { pinned: [server.raw, next.raw] };
    expect(judge(jws, both)).toMatchObject({ ok: true, pinned: [server.raw, next.raw] });
    const byNext = await signed({}, next);
    expect(judge(byNext)).toMatchObject({ reason: "package_signature" });
    expect(judge(byNext, both)).toMatchObject({ ok: true, pinned: [next.raw] });
    expect(judge(await signed({}, makePair()), both)).toMatchObject({ reason: "package_signature" });
  });

  it("and what the old key signs is refused once the new one was seen", () => {
    expect(judge(jws, { pinned: [next.raw] })).toMatchObject({ reason: "package_signature" });
  });
});
