CREATE TABLE "openid_entry" (
	"model" text NOT NULL,
	"id_digest" "bytea" NOT NULL,
	"sign_in_id" uuid,
	"payload" text NOT NULL,
	"consumed_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "openid_entry_model_id_digest_pk" PRIMARY KEY("model","id_digest")
);
--> statement-breakpoint
CREATE TABLE "openid_key" (
	"id" text PRIMARY KEY NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"private_cipher" "bytea" NOT NULL,
	"private_key_id" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "openid_sign_in" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"client_id" uuid NOT NULL,
	"grant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"subject" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "client" DROP CONSTRAINT "client_kind_known";--> statement-breakpoint
ALTER TABLE "client" DROP CONSTRAINT "client_credential";--> statement-breakpoint
ALTER TABLE "client" ADD COLUMN "openid" jsonb;--> statement-breakpoint
ALTER TABLE "grants" ADD COLUMN "closed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "openid_entry" ADD CONSTRAINT "openid_entry_sign_in_id_openid_sign_in_id_fk" FOREIGN KEY ("sign_in_id") REFERENCES "public"."openid_sign_in"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "openid_sign_in" ADD CONSTRAINT "openid_sign_in_client_id_client_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."client"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "openid_sign_in" ADD CONSTRAINT "openid_sign_in_grant_id_grants_id_fk" FOREIGN KEY ("grant_id") REFERENCES "public"."grants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "openid_sign_in" ADD CONSTRAINT "openid_sign_in_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "openid_entry_expires" ON "openid_entry" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "openid_entry_sign_in" ON "openid_entry" USING btree ("sign_in_id");--> statement-breakpoint
CREATE INDEX "openid_sign_in_expires" ON "openid_sign_in" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "openid_sign_in_grant" ON "openid_sign_in" USING btree ("grant_id");--> statement-breakpoint
CREATE INDEX "openid_sign_in_user" ON "openid_sign_in" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "openid_sign_in_client" ON "openid_sign_in" USING btree ("client_id");--> statement-breakpoint
ALTER TABLE "client" ADD CONSTRAINT "client_kind_known" CHECK ("client"."kind" in ('legacy_key', 'client_key', 'oauth', 'openid', 'entra'));--> statement-breakpoint
ALTER TABLE "client" ADD CONSTRAINT "client_credential" CHECK (("client"."access_id" is not null) = ("client"."kind" <> 'client_key')
        and ("client"."public_jwk" is not null) = ("client"."kind" in ('legacy_key', 'oauth'))
        and ("client"."secret_digest" is not null) = ("client"."kind" in ('client_key', 'openid'))
        and ("client"."openid" is not null) = ("client"."kind" in ('openid', 'entra')));