ALTER TABLE "staff_totp" ADD COLUMN "failed_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "staff_totp" ADD COLUMN "locked_until" timestamp (3) with time zone;