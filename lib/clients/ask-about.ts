import "server-only";
import { inStatement } from "@/lib/platform/transaction";
import { type LiveClient, type Presented, selectLive, toKey } from "./store";

/** How many are asked about by one statement. */
const atOnceMax = 500;

interface Question {
  presented: Presented;
  resolve(client: LiveClient | undefined): void;
  reject(error: unknown): void;
}

const waiting: Question[] = [];
let isAsking = false;

/**
 * Asks the database which live client goes by what a caller presented. One statement is under way at a time, and those who come
 * meanwhile are asked about together by the next: whoever floods the doors with keys that nobody has takes one connection, and the
 * others are left to the desk.
 * @throws what the database throws, to all who were asked about at once.
 */
export function askAbout(presented: Presented): Promise<LiveClient | undefined> {
  return new Promise((resolve, reject) => {
    waiting.push({ presented, resolve, reject });
    void askAll();
  });
}

async function askAll(): Promise<void> {
  if (isAsking) return;
  isAsking = true;
  while (waiting.length > 0) {
    const questions = waiting.splice(0, atOnceMax);
    try {
      const found = await inStatement((tx) =>
        selectLive(
          tx,
          questions.map(({ presented }) => presented),
        ),
      );
      for (const { presented, resolve } of questions) resolve(found.get(toKey(presented)));
    } catch (error) {
      for (const { reject } of questions) reject(error);
    }
  }
  isAsking = false;
}
