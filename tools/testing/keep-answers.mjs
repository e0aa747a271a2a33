// Loaded into a server before its own code: keeps each answer that it gives, but for static files, so that a test can search them.
import { appendFileSync } from "node:fs";
import { ServerResponse } from "node:http";

const bodies = new WeakMap();

function keep(response) {
  const { method, url } = response.req;
  if (url.startsWith("/_next/static/")) return;
  const body = Buffer.concat(bodies.get(response)).toString("base64");
  const answer = { asked: `${method} ${url}`, head: response._header ?? "", body };
  appendFileSync(process.env.E2E_ANSWERS, `${JSON.stringify(answer)}\n`);
}

for (const name of ["write", "end"]) {
  const send = ServerResponse.prototype[name];
  ServerResponse.prototype[name] = function (...args) {
    if (!bodies.has(this)) {
      bodies.set(this, []);
      this.once("close", () => keep(this));
    }
    const [chunk, encoding] = args;
    if (typeof chunk === "string")
      bodies.get(this).push(Buffer.from(chunk, typeof encoding === "string" ? encoding : "utf8"));
    else if (chunk instanceof Uint8Array) bodies.get(this).push(Buffer.from(chunk));
    return send.apply(this, args);
  };
}
