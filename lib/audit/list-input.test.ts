import { expect, test } from "vitest";
import { listEventsInput } from "./list-input";

test.each([{ actor: "\0" }, { since: "-271821-04-20" }, { until: "+275760-09-13" }, { cursor: "1e99" }])(
  "what no database can compare is refused at the door: %j",
  (input) => {
    expect(listEventsInput.safeParse(input).success).toBe(false);
  },
);
