import { TestMachine } from "@/tools/testing/machine";
import { give, look, lookUp, readCode, signIn } from "./desk";
import { expect, product, test } from "./product";
import { offerMachine } from "./programs";

const doors = {
  get url() {
    return product.baseUrl;
  },
  async call(
    method: string,
    path: string,
    { headers = {}, body }: { headers?: Record<string, string>; body?: unknown } = {},
  ) {
    const answer = await fetch(`${product.baseUrl}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: text === "" ? undefined : JSON.parse(text),
    };
  },
};

async function enrol(name: string, login: string): Promise<TestMachine> {
  process.env.BASE_URL = product.baseUrl;
  const machine = new TestMachine(doors, name);
  expect((await machine.enrol(await offerMachine(name, [login]))).status).toBe(201);
  return machine;
}

test("the desk sees by name where a code will work without a network, where it does, and after revoking where it still may, until each machine has reported", async ({
  page,
}) => {
  const login = "ada.lovelace";
  const laptop = await enrol("LAPTOP-7", login);
  const tablet = await enrol("TABLET-2", login);
  await enrol("LAPTOP-9", login);
  await expect
    .poll(
      async () =>
        (await laptop.sync()).package?.users[0]?.slots.filter(({ state }) => state === "open").length,
    )
    .toBeGreaterThanOrEqual(2);
  await tablet.sync();

  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "lov ada", "Ada Lovelace");
  await page.getByRole("radio", { name: /^Access code/ }).check();
  const before = page.getByRole("region", { name: "Where this code will work without a network" });
  await expect(before).toContainText(
    /LAPTOP-7 synced .* the code works there until .*, one more code left after it/,
  );
  await expect(before).toContainText(/TABLET-2 synced/);
  await expect(before).toContainText(
    "LAPTOP-9 has no package for this user: the code does not work there offline",
  );
  await before.getByLabel("The user sits at").selectOption("LAPTOP-7");
  await look(page, "before");

  await give(page, "Access code", "Generate code");
  await readCode(page);
  const card = page.getByRole("region", { name: /Access code/ });
  await expect(card).toContainText(/LAPTOP-7 synced .* one more code left after it/);
  await expect(card).toContainText(/LAPTOP-9 has no package/);
  await look(page, "issued");

  await card.getByRole("button", { name: "Revoke…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio").first().check();
  await dialog.getByRole("button", { name: "Revoke" }).click();
  const reach = page.getByRole("region", { name: /Where ended codes may still open/ });
  await expect(reach).toContainText("2 machines");
  await expect(reach.getByRole("link", { name: "LAPTOP-7" })).toHaveAttribute(
    "href",
    /^\/machines\/[0-9a-f-]{36}$/,
  );
  await expect(reach.getByRole("listitem").filter({ hasText: "LAPTOP-7" }).last()).toContainText(
    /may still work until/,
  );
  await laptop.sync();
  await expect(reach.getByRole("listitem").filter({ hasText: "LAPTOP-7" }).last()).toContainText(/reached/);
  await expect(reach).toContainText("1 machine");
  await look(page, "revoked");
  await tablet.sync();
  await expect(reach).toContainText("nowhere");
  await look(page, "reached");
});
