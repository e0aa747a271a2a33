import { expect, test } from "vitest";
import { inTurn } from "./turn";

test("work of one key runs one after the other, also after a failure, and other keys don't wait", async () => {
  const log: string[] = [];
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const first = inTurn("a", async () => {
    await gate;
    log.push("first");
    throw new Error("first fails");
  });
  const second = inTurn("a", async () => log.push("second"));
  await inTurn("b", async () => log.push("other"));
  open();
  await expect(first).rejects.toThrow("first fails");
  await second;
  expect(log).toEqual(["other", "first", "second"]);
});
