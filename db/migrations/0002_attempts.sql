CREATE TABLE "channel_ask" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"attempt_id" uuid NOT NULL,
	"subject_key" text NOT NULL,
	"channel" text NOT NULL,
	"asked_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"handled_at" timestamp (3) with time zone,
	"outcome" text,
	CONSTRAINT "channel_ask_channel" CHECK ("channel_ask"."channel" in ('sms', 'voice')),
	CONSTRAINT "channel_ask_handled" CHECK (("channel_ask"."handled_at" is null) = ("channel_ask"."outcome" is null))
);
--> statement-breakpoint
ALTER TABLE "authn_attempt" ALTER COLUMN "keep_attempt" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "authn_attempt" ALTER COLUMN "keep_attempt" SET DATA TYPE boolean USING "keep_attempt" <> 0;--> statement-breakpoint
ALTER TABLE "authn_attempt" ALTER COLUMN "keep_attempt" SET DEFAULT false;--> statement-breakpoint
ALTER TABLE "authn_attempt" ALTER COLUMN "session_attributes" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "authn_attempt" ALTER COLUMN "session_attributes" SET DATA TYPE text USING "session_attributes"::text;--> statement-breakpoint
ALTER TABLE "authn_attempt" ALTER COLUMN "session_attributes" SET DEFAULT '[]';--> statement-breakpoint
ALTER TABLE "authn_attempt" ADD COLUMN "otp_wrong_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "authn_attempt" ADD COLUMN "code_wrong_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "channel_ask" ADD CONSTRAINT "channel_ask_attempt_id_authn_attempt_id_fk" FOREIGN KEY ("attempt_id") REFERENCES "public"."authn_attempt"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "channel_ask_subject" ON "channel_ask" USING btree ("subject_key","asked_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "channel_ask_attempt" ON "channel_ask" USING btree ("attempt_id");--> statement-breakpoint
ALTER TABLE "authn_attempt" DROP COLUMN "sends_count";--> statement-breakpoint
ALTER TABLE "authn_attempt" DROP COLUMN "wrong_count";