import { expect, test } from "vitest";
import { drawDigits } from "./digits";

test("digits are six, with leading zeros, and every place takes every digit (access-code, OTP)", () => {
  const drawn = Array.from({ length: 20_000 }, drawDigits);
  for (const digits of drawn) expect(digits).toMatch(/^[0-9]{6}$/);
  for (let place = 0; place < 6; place += 1) {
    const counts = new Array<number>(10).fill(0);
    for (const digits of drawn) counts[Number(digits[place])] = (counts[Number(digits[place])] ?? 0) + 1;
    // 2,000 expected each, standard deviation 42: six of them is no accident.
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(6 * 42);
  }
});
