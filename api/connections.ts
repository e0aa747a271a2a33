import "server-only";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Ends the connections of a server that closes, each when nothing is asked on it any more. Node by itself waits for those that a
 * browser opened ahead or keeps, half a minute and longer, and cuts off an answer that a slow reader is still taking away.
 * @returns what begins it: from then on a connection ends with the answer that it waits for, a new one at once.
 */
export function watchConnections(server: Server): () => void {
  const asked = new Map<Socket, Set<ServerResponse>>();
  let isClosing = false;
  server.closeIdleConnections = () => {};
  server.on("connection", (socket: Socket) => {
    if (isClosing) {
      socket.destroy();
      return;
    }
    asked.set(socket, new Set());
    socket.once("close", () => asked.delete(socket));
  });
  server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    const underWay = asked.get(socket);
    if (underWay === undefined) return;
    underWay.add(response);
    response.shouldKeepAlive &&= !isClosing;
    response.once("close", () => {
      underWay.delete(response);
      if (isClosing && underWay.size === 0) socket.destroySoon();
    });
  });
  return () => {
    isClosing = true;
    for (const [socket, underWay] of asked) {
      if (underWay.size === 0) socket.destroy();
      for (const response of underWay) response.shouldKeepAlive = false;
    }
  };
}
