DROP INDEX "grants_expiry";--> statement-breakpoint
CREATE INDEX "grants_expiry" ON "grants" USING btree ("expires_at") WHERE "grants"."ended_as" is null;