ALTER TABLE "machine" ADD COLUMN "receipt_floor" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "machine" ADD COLUMN "receipts_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "machine" ADD COLUMN "receipts_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "receipt_received" ON "receipt" USING btree ("received_at");