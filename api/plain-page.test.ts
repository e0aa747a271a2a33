import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { testEnvironment } from "@/tools/testing/environment";
import { sendBusyPage } from "./plain-page";

Object.assign(process.env, testEnvironment({ DATABASE_URL: "postgres://localhost/sparekey" }));

async function ask(path: string, language: string): Promise<Response> {
  const server = createServer((request, response) => sendBusyPage(request, response, 5)).listen(
    0,
    "127.0.0.1",
  );
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { "accept-language": language } });
  const body = await answer.text();
  server.close();
  return new Response(body, answer);
}

test.each([
  ["en-GB", "ltr", "One moment, please"],
  ["de-AT, en;q=0.5", "ltr", "Einen Moment bitte"],
  ["ar", "rtl", "لحظة من فضلك"],
  ["tlh", "ltr", "One moment, please"],
])(
  "who is sent away under load reads why in %s, when to come back, and asks the same address again",
  async (asked, direction, title) => {
    const answer = await ask("//elsewhere.example/otp", asked);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
    const page = await answer.text();
    expect(page).toContain(`dir="${direction}"`);
    expect(page).toContain(`<h1>${title}</h1>`);
    expect(page).toContain('<a href="">');
  },
);
