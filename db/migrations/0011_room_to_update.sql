-- Rows that are written once or twice more soon after they are made: room on their page keeps their indexes out of it.
ALTER TABLE "authn_attempt" SET (fillfactor = 60);
--> statement-breakpoint
ALTER TABLE "grants" SET (fillfactor = 80);
--> statement-breakpoint
ALTER TABLE "challenge" SET (fillfactor = 80);
--> statement-breakpoint
ALTER TABLE "throttle" SET (fillfactor = 70);
