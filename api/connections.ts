import "server-only";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Keeps count of what is asked on each connection of a server. Node by itself, when a server closes, waits for those that a
 * browser opened ahead or keeps, half a minute and longer.
 * @returns what ends every connection on which nothing is asked, and each of the others with its answer.
 */
export function watchConnections(server: Server): () => void {
  const asked = new Map<Socket, number>();
  let isClosing = false;
  const count = (socket: Socket, more: 1 | -1) => {
    const now = (asked.get(socket) ?? 0) + more;
    asked.set(socket, now);
    if (isClosing && now === 0) socket.destroySoon();
  };
  server.on("connection", (socket: Socket) => {
    asked.set(socket, 0);
    socket.once("close", () => asked.delete(socket));
  });
  server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    count(socket, 1);
    response.once("close", () => asked.has(socket) && count(socket, -1));
  });
  return () => {
    isClosing = true;
    for (const [socket, underWay] of asked) if (underWay === 0) socket.destroy();
  };
}
