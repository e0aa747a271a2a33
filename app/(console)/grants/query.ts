import "server-only";
import { z } from "zod";
import { listGrantsInput } from "@/lib/grants/input";

const blank = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

/** An instant from 1970 on, which every database can compare. */
const instant = z.coerce.date().min(new Date(0)).max(new Date("2999-12-31"));

/** The query part of the address of the list, as text, to what `listGrants` takes; an empty text counts as away. */
export const grantsQuery = z.object({
  method: blank(listGrantsInput.shape.method),
  state: blank(listGrantsInput.shape.state),
  reason: blank(listGrantsInput.shape.reason),
  userId: blank(listGrantsInput.shape.userId),
  issuerId: blank(listGrantsInput.shape.issuerId),
  from: blank(instant),
  to: blank(instant),
  cursor: blank(listGrantsInput.shape.cursor),
});
