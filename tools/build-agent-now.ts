import { buildAgent } from "./build-agent";

await buildAgent();
