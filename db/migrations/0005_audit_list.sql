DROP INDEX "audit_event_user";--> statement-breakpoint
DROP INDEX "audit_event_kind";--> statement-breakpoint
DROP INDEX "audit_event_actor";--> statement-breakpoint
DROP INDEX "audit_event_grant";--> statement-breakpoint
CREATE INDEX "audit_event_at" ON "audit_event" USING brin ("at");--> statement-breakpoint
CREATE INDEX "audit_event_not_ok" ON "audit_event" USING btree ("outcome","id") WHERE "audit_event"."outcome" <> 'ok';--> statement-breakpoint
CREATE INDEX "audit_event_user" ON "audit_event" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "audit_event_kind" ON "audit_event" USING btree ("kind","id");--> statement-breakpoint
CREATE INDEX "audit_event_actor" ON "audit_event" USING btree ("actor_id","id");--> statement-breakpoint
CREATE INDEX "audit_event_grant" ON "audit_event" USING btree ("grant_id","id");