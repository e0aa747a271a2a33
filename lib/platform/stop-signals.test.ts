import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { onStopSignals } from "./stop-signals";

test("the first signal stops, the same one come by npm changes nothing, and one that is sent later stops at once", () => {
  const heard: string[] = [];
  const clock = { now: 0 };
  const sender = new EventEmitter();
  onStopSignals(
    (signal) => heard.push(signal),
    () => heard.push("now"),
    sender,
    () => clock.now,
  );
  sender.emit("SIGINT", "SIGINT");
  clock.now = 900;
  sender.emit("SIGINT", "SIGINT");
  sender.emit("SIGTERM", "SIGTERM");
  expect(heard).toEqual(["SIGINT"]);
  clock.now = 1_100;
  sender.emit("SIGINT", "SIGINT");
  expect(heard).toEqual(["SIGINT", "now"]);
});
