import { expect, test } from "vitest";
import { type Draft, keepDraft, takeDraft } from "./draft";

const draft: Draft = {
  method: "access_code",
  form: "standard",
  reason: "stolen",
  windowSeconds: 900,
  uses: null,
  machineId: "",
  ticket: "INC-7",
  note: "",
  sendNow: true,
};

function makeStorage() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

const hour = 60 * 60_000;
const hers = { staffId: "hanna", userId: "ada", now: 0 };

test("what was filled in is there again for who filled it in and the same user, once", () => {
  const storage = makeStorage();
  keepDraft(storage, hers, draft);
  expect(takeDraft(storage, { ...hers, staffId: "lena" })).toBeNull();
  expect(takeDraft(storage, { ...hers, userId: "alan" })).toBeNull();
  expect(takeDraft(storage, { ...hers, now: hour })).toEqual(draft);
  expect(takeDraft(storage, hers)).toBeNull();
});

test("what was filled in more than an hour ago belongs to another call", () => {
  const storage = makeStorage();
  keepDraft(storage, hers, draft);
  expect(takeDraft(storage, { ...hers, now: hour + 1 })).toBeNull();
  expect(takeDraft(storage, hers)).toBeNull();
});
