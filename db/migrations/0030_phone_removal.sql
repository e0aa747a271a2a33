CREATE TABLE "phone_removal" (
	"user_id" uuid NOT NULL,
	"channel" text NOT NULL,
	"removed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"removed_by" text NOT NULL,
	CONSTRAINT "phone_removal_user_id_channel_pk" PRIMARY KEY("user_id","channel"),
	CONSTRAINT "phone_removal_channel" CHECK ("phone_removal"."channel" in ('sms', 'voice'))
);
--> statement-breakpoint
ALTER TABLE "phone_removal" ADD CONSTRAINT "phone_removal_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;