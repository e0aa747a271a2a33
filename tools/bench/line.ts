import { connect, type Socket } from "node:net";

/** What was answered: the status and the body. */
export interface Reply {
  status: number;
  body: string;
}

/**
 * One connection to an HTTP server on this machine, kept open, for one request after the other. It reads no more than
 * the measurement needs, since the load shares the machine's cores with what is measured.
 */
export class Line {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #waiting: { resolve(reply: Reply): void; reject(error: Error): void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", (error) => this.#waiting?.reject(error));
    socket.on("close", () => this.#waiting?.reject(new Error("the connection was closed")));
  }

  static open(port: number): Promise<Line> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "localhost", () => resolve(new Line(socket)));
      socket.once("error", reject);
    });
  }

  /** Sends a whole request, as `writeRequest` writes it, and waits for its answer. */
  send(request: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) throw new Error("the connection was closed");
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const end = this.#received.indexOf("\r\n\r\n");
    if (end === -1) return;
    const head = this.#received.toString("latin1", 0, end);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    const from = end + 4;
    if (length !== undefined) {
      if (this.#received.length < from + Number(length)) return;
    } else if (!this.#received.subarray(-5).equals(Buffer.from("0\r\n\r\n"))) return;
    const reply = { status: Number(head.slice(9, 12)), body: this.#received.toString("utf8", from) };
    this.#received = Buffer.alloc(0);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(reply);
  }
}

/** A POST of JSON, written out. */
export function writeRequest(path: string, headers: Readonly<Record<string, string>>, body: object): string {
  const text = JSON.stringify(body);
  const lines = Object.entries({
    host: "localhost",
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(text)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n${text}`;
}
