import { createReadStream, existsSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { brotliDecompressSync, constants, gunzipSync, inflateSync } from "node:zlib";

/** An answer that a server gave. */
export interface Answer {
  /** The method and the address, as `GET /users`. */
  asked: string;
  /** The head and the body, as they were before they were compressed. */
  said: string;
}

const fileIn = (folder: string) => path.join(folder, "answers");

/** How a server is started so that it keeps its answers in `folder`. */
export const keepingAnswers = (folder: string) => ({
  serverFlags: ["--import", path.resolve("tools/testing/keep-answers.mjs")],
  environment: { E2E_ANSWERS: fileIn(folder) },
});

/** An answer whose reader went away ends in the middle. */
const cutOff = { finishFlush: constants.Z_SYNC_FLUSH };
const decoders: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  identity: (body) => body,
  gzip: (body) => gunzipSync(body, cutOff),
  deflate: (body) => inflateSync(body, cutOff),
  br: (body) => brotliDecompressSync(body, { finishFlush: constants.BROTLI_OPERATION_FLUSH }),
};

/** Reads the answers that were kept in `folder`, one after the other, for together they may be more than a string holds. */
export async function* readAnswers(folder: string): AsyncGenerator<Answer> {
  if (!existsSync(fileIn(folder))) return;
  for await (const line of createInterface({ input: createReadStream(fileIn(folder)) })) {
    const { asked, head, body } = JSON.parse(line) as { asked: string; head: string; body: string };
    const [, coding = "identity"] = /^content-encoding: *(\w+)/im.exec(head) ?? [];
    const decode = decoders[coding];
    if (decode === undefined) throw new Error(`${asked} was answered in ${coding}`);
    yield { asked, said: `${head}${decode(Buffer.from(body, "base64"))}` };
  }
}
