import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/** Where the demo that works on `folder` answers; undefined where none does. */
async function findRunning(folder: string): Promise<string | undefined> {
  const file = path.join(folder, "environment.json");
  if (!existsSync(file) || !existsSync(path.join(folder, "postgres", "data", "postmaster.pid"))) return;
  const { BASE_URL } = JSON.parse(readFileSync(file, "utf8")) as { BASE_URL: string };
  const answer = await fetch(`${BASE_URL}/healthz`, { signal: AbortSignal.timeout(2_000) })
    .then((response) => response.json() as Promise<{ parts?: object }>)
    .catch(() => undefined);
  return answer?.parts === undefined ? undefined : BASE_URL;
}

/** Whether `folder` holds something, and no demo's account at the stand-in, which each makes first. */
function isOfOthers(folder: string): boolean {
  return (
    existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(path.join(folder, "vonage.json"))
  );
}

/**
 * Says what keeps a demo from starting on `folder` and these ports, and what to do about it; undefined where nothing does.
 * To be asked before anything is touched: a second start on a folder in use would take its database away.
 * @throws where a port can't be listened on for another reason than being taken.
 */
export async function findObstacle(
  folder: string,
  ports: readonly number[],
  host: string,
): Promise<string | undefined> {
  const running = await findRunning(folder);
  if (running !== undefined)
    return `The demo runs already, at ${running}/users. End it first: Ctrl-C where it was started.`;
  if (isOfOthers(folder)) return `${folder} holds something else than a demo: name a folder of its own.`;
  for (const port of ports)
    if (port !== 0 && !(await isFree(port, host)))
      return `Port ${port} is taken. Take others: PORT=3100 STANDIN_PORT=3101 npm run demo`;
  return undefined;
}
