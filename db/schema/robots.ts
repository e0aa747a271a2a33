import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant, mark } from "./columns";

/** How often something was done at a public page in one minute, by whoever shares a key; all instances count here. */
export const robotCount = pgTable(
  "robot_count",
  {
    /** What is counted, and an HMAC of the network it came from; or what is counted in total. */
    key: text().notNull(),
    minuteAt: instant().notNull(),
    count: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.key, t.minuteAt] }),
    index("robot_count_minute").on(t.minuteAt),
    check("robot_count_positive", sql`${t.count} > 0`),
  ],
);
mark(robotCount, { key: "public", minuteAt: "public", count: "public" });

/** The proofs of work that were used: each opens one door once. Kept until the proof would have expired. */
export const spentProof = pgTable(
  "spent_proof",
  {
    nonce: text().primaryKey(),
    expiresAt: instant().notNull(),
  },
  (t) => [index("spent_proof_expires").on(t.expiresAt)],
);
mark(spentProof, { nonce: "public", expiresAt: "public" });
