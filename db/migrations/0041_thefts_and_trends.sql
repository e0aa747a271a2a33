ALTER TABLE "grants" ADD COLUMN "theft_seen_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "grants" ADD COLUMN "theft_seen_by" text;--> statement-breakpoint
CREATE INDEX "delivery_created" ON "delivery" USING brin ("created_at");--> statement-breakpoint
CREATE INDEX "grants_theft" ON "grants" USING btree ("created_at" DESC NULLS LAST) WHERE "grants"."reason" = 'stolen' and "grants"."theft_seen_at" is null;--> statement-breakpoint
UPDATE "grants" SET "theft_seen_at" = now(), "theft_seen_by" = 'system:upgrade' WHERE "reason" = 'stolen' AND "created_at" < now() - interval '30 days';--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_theft_seen" CHECK (("grants"."theft_seen_at" is null) = ("grants"."theft_seen_by" is null) and ("grants"."theft_seen_at" is null or "grants"."reason" = 'stolen'));