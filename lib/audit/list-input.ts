import { z } from "zod";
import { isStorable } from "@/lib/platform/storable";
import { actorKinds } from "./actor-kinds";
import { eventKinds, outcomes } from "./model";

/** How many events one page of the log has at most. */
const eventsPerPageMax = 100;

const blank = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

/** An instant from 1970 on, which every database can compare. */
const instant = z.coerce.date().min(new Date(0)).max(new Date("2999-12-31"));

/** Which events to list, newest first. Everything may stay away; an empty text counts as away. */
export const listEventsInput = z.object({
  kind: blank(z.enum(eventKinds)),
  outcome: blank(z.enum(outcomes)),
  actorKind: blank(z.enum(actorKinds)),
  /** The id of the staff member, client or job. */
  actor: blank(z.string().max(100).refine(isStorable)),
  user: blank(z.uuid()),
  grant: blank(z.uuid()),
  /** From this instant on. */
  since: blank(instant),
  /** Before this instant. */
  until: blank(instant),
  /** The id of the last event of the page before. */
  cursor: blank(z.coerce.number().int().positive()),
  limit: blank(z.coerce.number().int().min(1).max(eventsPerPageMax)),
});

/** Which events to export. */
export const exportLogInput = listEventsInput.omit({ cursor: true, limit: true });

/** A question to the log whose answer is a file. */
export type ExportLogInput = z.output<typeof exportLogInput>;

/** A question to the log. */
export type ListEventsInput = z.output<typeof listEventsInput>;
