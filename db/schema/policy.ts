import { integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { instant, mark } from "./columns";

/** Every policy that ever was in force; the highest version is. Rows are added, never changed. */
export const policyVersion = pgTable("policy_version", {
  version: integer().primaryKey().generatedAlwaysAsIdentity(),
  document: jsonb().$type<Record<string, unknown>>().notNull(),
  createdAt: instant().notNull().defaultNow(),
  createdBy: text(),
});
mark(policyVersion, { version: "public", document: "public", createdAt: "public", createdBy: "public" });
