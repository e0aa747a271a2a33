import { sql } from "drizzle-orm";
import { check, integer, pgTable, smallint, text } from "drizzle-orm/pg-core";
import { instant, mark } from "./columns";

/** One row: what this installation knows of itself. */
export const serverState = pgTable(
  "server_state",
  {
    id: smallint().primaryKey().default(1),
    /** Rises by one with every restore from backup (access-code, "After a restore"). */
    generation: integer().notNull().default(1),
    /** Set while issuing is stopped until an owner has looked. */
    issuingStoppedAt: instant(),
    issuingStoppedReason: text(),
    createdAt: instant().notNull().defaultNow(),
  },
  (t) => [
    check("server_state_single", sql`${t.id} = 1`),
    check("server_state_generation", sql`${t.generation} >= 1`),
  ],
);
mark(serverState, {
  id: "public",
  generation: "public",
  issuingStoppedAt: "public",
  issuingStoppedReason: "public",
  createdAt: "public",
});
