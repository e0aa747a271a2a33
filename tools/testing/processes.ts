import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

interface Process {
  pid: number;
  parent: number;
  command: string;
}

/** Of a process that ended meanwhile, or ended and waits for its parent, there is no command, and it isn't listed. */
function readProcess(pid: string): Process[] {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    const parent = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
    return command === "" ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  } catch {
    return [];
  }
}

/** Every process of this machine that lives. */
export function listProcesses(): Process[] {
  if (process.platform === "linux")
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap(readProcess);
  const said = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  return [...said.matchAll(/^ *(\d+) +(\d+) +(.+)$/gm)].map(([, pid, parent, command = ""]) => ({
    pid: Number(pid),
    parent: Number(parent),
    command,
  }));
}

/** What the process `pid` started, and what those did. */
export function listDescendants(pid: number, among: readonly Process[] = listProcesses()): Process[] {
  const children = among.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child, ...listDescendants(child.pid, among)]);
}
