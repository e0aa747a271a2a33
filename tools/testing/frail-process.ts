import { type Product, startProduct } from "@/tools/proof/product";
import { keepingAnswers } from "./answers";

/** What the parent may ask of the database. */
type Wish = "order" | "crash" | "start";

/**
 * Runs a whole product on the folder named by the first argument, on free ports, until the parent lets go; tells the parent
 * where, and takes its database away and gives it back as the parent asks, answering each wish once it is done.
 */
const folder = process.argv[2] as string;
const product: Product = await startProduct(folder, keepingAnswers(folder));
const { baseUrl, databaseUrl } = product.stack;
process.on("message", async (wish: Wish) => {
  await (wish === "start" ? product.startDatabase() : product.stopDatabase(wish));
  process.send?.({ done: wish });
});
async function stop(): Promise<void> {
  await product.stop();
  process.exit(0);
}
process.once("disconnect", () => void stop());
process.send?.({ baseUrl, databaseUrl });
