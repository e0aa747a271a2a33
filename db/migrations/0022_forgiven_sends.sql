ALTER TABLE "channel_ask" ADD COLUMN "forgiven_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "delivery" ADD COLUMN "forgiven_at" timestamp (3) with time zone;