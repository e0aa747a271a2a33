import { type Product, startProduct } from "@/tools/proof/product";
import { keepingAnswers } from "./answers";

/** What the parent may ask: of the database the first three, of the server the last. */
type Wish = "order" | "crash" | "start" | "restart";

/**
 * Runs a whole product on the folder named by the first argument, on free ports, until the parent lets go; tells the parent
 * where, and takes its database away and gives it back, or stops the server in good order and starts it again, as the parent asks,
 * answering each wish once it is done.
 */
const folder = process.argv[2] as string;
const product: Product = await startProduct(folder, keepingAnswers(folder));
const { baseUrl, databaseUrl, standinUrl } = product.stack;

async function grant(wish: Wish): Promise<number | null> {
  if (wish === "restart") return product.stack.restartServer("SIGTERM");
  await (wish === "start" ? product.startDatabase() : product.stopDatabase(wish));
  return null;
}

process.on("message", async (wish: Wish) => {
  process.send?.({ done: wish, exitCode: await grant(wish) });
});
async function stop(): Promise<void> {
  await product.stop();
  process.exit(0);
}
process.once("disconnect", () => void stop());
process.send?.({ baseUrl, databaseUrl, standinUrl });
