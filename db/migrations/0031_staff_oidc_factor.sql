ALTER TABLE "staff" ADD COLUMN "oidc_factor_at" timestamp (3) with time zone;--> statement-breakpoint
UPDATE "staff" s SET "oidc_factor_at" = f."at" FROM (
	SELECT "staff_id", max("second_factor_at") AS "at" FROM "staff_session" WHERE "second_factor_method" = 'oidc' GROUP BY "staff_id"
) f WHERE f."staff_id" = s."id";
