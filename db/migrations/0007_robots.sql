CREATE TABLE "robot_count" (
	"key" text NOT NULL,
	"minute_at" timestamp (3) with time zone NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "robot_count_key_minute_at_pk" PRIMARY KEY("key","minute_at"),
	CONSTRAINT "robot_count_positive" CHECK ("robot_count"."count" > 0)
);
--> statement-breakpoint
CREATE TABLE "spent_proof" (
	"nonce" text PRIMARY KEY NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "robot_count_minute" ON "robot_count" USING btree ("minute_at");--> statement-breakpoint
CREATE INDEX "spent_proof_expires" ON "spent_proof" USING btree ("expires_at");