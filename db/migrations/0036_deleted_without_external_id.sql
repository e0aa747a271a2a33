UPDATE "users" SET "external_id" = NULL WHERE "deleted_at" IS NOT NULL AND "external_id" IS NOT NULL;
