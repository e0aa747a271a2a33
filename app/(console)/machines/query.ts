import "server-only";
import { z } from "zod";
import type { MachineListPage } from "@/components/machines/machine-list";
import { type ListMachinesInput, listMachinesInput } from "@/lib/machines/input";
import { listMachines } from "@/lib/machines/read";
import type { Context } from "@/lib/platform/context";
import { isStorable } from "@/lib/platform/storable";

const blank = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

/** The name and id that a page ended with, as text: a name holds no slash. */
const cursor = z
  .string()
  .max(120)
  .transform((text) => text.split("/"))
  .pipe(z.tuple([z.string().max(63).refine(isStorable), z.uuid()]));

/** The query part of the address of the list, as text; an empty text counts as away. */
export const machinesQuery = z.object({
  query: blank(z.string().trim().max(63).refine(isStorable)),
  show: blank(listMachinesInput.shape.show.unwrap()),
  look: blank(listMachinesInput.shape.look.unwrap()),
  userId: blank(z.uuid()),
  cursor: blank(cursor),
});
type MachinesQuery = z.output<typeof machinesQuery>;

/** Lists a page of machines as it travels to the screen. */
export async function listMachinePage(
  ctx: Context,
  { cursor: after, ...filters }: MachinesQuery,
): Promise<MachineListPage> {
  const given = Object.entries({ ...filters, after }).filter(([, value]) => value !== undefined);
  const input: ListMachinesInput = listMachinesInput.parse(Object.fromEntries(given));
  const { machines, next } = await listMachines(ctx, input);
  return { machines, next: next === null ? null : next.join("/") };
}
