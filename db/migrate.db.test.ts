import { expect, test } from "vitest";
import { openTestDatabase } from "@/tools/testing/database";
import { migrate, UnfitDatabase } from "./migrate";

const db = openTestDatabase();

test("an older version doesn't start on the database of a newer one", async () => {
  await migrate(db.url);
  await db.sql`insert into drizzle.__drizzle_migrations (hash, created_at) select 'newer', max(created_at) + 1 from drizzle.__drizzle_migrations`;
  await expect(migrate(db.url)).rejects.toEqual(
    new UnfitDatabase(
      "The database is of a newer version of Sparekey. Start that one, or restore a backup that this one made into an empty database",
    ),
  );
});
