import { fileURLToPath } from "node:url";

/** Its packages are those of the repository. */
export default {
  devIndicators: false,
  turbopack: { root: fileURLToPath(new URL("../..", import.meta.url)) },
};
