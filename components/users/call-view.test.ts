import { expect, test } from "vitest";
import { type CallView, type GrantView, toGiven } from "./call-view";

const user = { id: "u", login: "ada.lovelace", displayName: "Ada Lovelace" };
const grant = (id: string) => ({ id, method: "access_code", endedAs: null }) as GrantView;
const call = (live: GrantView[], before: GrantView[] = []) =>
  ({ live, before, recentCount: live.length + before.length }) as CallView;
const idsOf = (grants: readonly GrantView[]) => grants.map(({ id }) => id);

test("what was given is live at once, and what it took the place of is not", () => {
  const replaced = { ...grant("old"), endedAs: "replaced" as const };
  const after = toGiven(call([grant("text"), grant("old")]), { grant: grant("new"), replaced }, user);
  expect(idsOf(after.live)).toEqual(["new", "text"]);
  expect(after.live[0]).toMatchObject({ state: "live", user });
  expect(idsOf(after.before)).toEqual(["old"]);
  expect(after.before[0]).toMatchObject({ state: "replaced", endedAs: "replaced" });
  expect(after.recentCount).toBe(3);
});

test("what takes nobody's place leaves the others as they are", () => {
  const after = toGiven(
    call([grant("text")], [grant("past")]),
    { grant: grant("new"), replaced: null },
    user,
  );
  expect(idsOf(after.live)).toEqual(["new", "text"]);
  expect(idsOf(after.before)).toEqual(["past"]);
});
