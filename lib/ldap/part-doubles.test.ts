import { expect, test } from "vitest";
import { partDoubles } from "./part-doubles";

test("who has the login of one before them is a double, and who comes again is told once", () => {
  const [ada, bob] = [
    { directoryId: "a", key: "ada" },
    { directoryId: "b", key: "bob" },
  ];
  const other = { directoryId: "c", key: "ada" };
  expect(partDoubles([ada, bob, other, { ...bob }, { ...ada, key: "new" }])).toEqual({
    lines: [ada, bob],
    doubles: [other],
  });
});

test("a login that was told of somebody read before is still theirs", () => {
  const people = [
    { directoryId: "a", key: "ada" },
    { directoryId: "a", key: "bob" },
    { directoryId: "b", key: "bob" },
  ];
  expect(partDoubles(people)).toEqual({ lines: [people[0]], doubles: [people[2]] });
});
