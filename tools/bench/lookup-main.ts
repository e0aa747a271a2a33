import { parseArgs } from "node:util";
import { measureLookup } from "./lookup";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "10000,1000000,5000000" },
    requests: { type: "string", default: "800" },
    rounds: { type: "string", default: "5" },
  },
});
await measureLookup({
  sizes: values.sizes.split(",").map(Number),
  requests: Number(values.requests),
  rounds: Number(values.rounds),
  log: console.log,
});
