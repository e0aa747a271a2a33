// Bundles one of our own entry points (packages stay outside) and runs it: the one way in which TypeScript starts here.
import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = path.resolve(fileURLToPath(import.meta.url), "../..");

/** Bundles `entry` (a path below the root) into `.build/` and answers the bundle's path. Who reads it meanwhile reads it whole. */
export async function bundle(entry) {
  const outfile = path.join(root, ".build", `${entry.replace(/\.[a-z]+$/, "").replaceAll("/", "-")}.mjs`);
  await mkdir(path.dirname(outfile), { recursive: true });
  const { outputFiles } = await build({
    write: false,
    entryPoints: [path.join(root, entry)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    sourcemap: "linked",
    alias: { "server-only": path.join(root, "tools/empty.ts") },
    tsconfig: path.join(root, "tsconfig.json"),
    logLevel: "warning",
  });
  for (const { path: file, contents } of outputFiles) {
    const fresh = `${file}.${process.pid}`;
    await writeFile(fresh, contents);
    await rename(fresh, file);
  }
  return outfile;
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [entry, ...rest] = process.argv.slice(2);
  if (!entry) throw new Error("usage: node tools/run.mjs ENTRY [ARGUMENT...]");
  if (rest[0] === "--bundle-only") {
    await bundle(entry);
  } else {
    const outfile = await bundle(entry);
    process.argv.splice(1, 2, outfile);
    await import(pathToFileURL(outfile).href);
  }
}
