CREATE TABLE "directory_group" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"name_key" text NOT NULL,
	"external_id" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "client" DROP CONSTRAINT "client_kind_known";--> statement-breakpoint
ALTER TABLE "client" DROP CONSTRAINT "client_credential";--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "source" text DEFAULT 'csv' NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "external_id" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "deleted_by" text;--> statement-breakpoint
CREATE UNIQUE INDEX "directory_group_name_key" ON "directory_group" USING btree ("name_key");--> statement-breakpoint
CREATE INDEX "directory_group_name" ON "directory_group" USING btree ("name");--> statement-breakpoint
CREATE INDEX "directory_group_external_id" ON "directory_group" USING btree ("external_id");--> statement-breakpoint
CREATE INDEX "users_external_id" ON "users" USING btree ("external_id");--> statement-breakpoint
ALTER TABLE "client" ADD CONSTRAINT "client_kind_known" CHECK ("client"."kind" in ('legacy_key', 'client_key', 'oauth', 'openid', 'entra', 'scim'));--> statement-breakpoint
ALTER TABLE "client" ADD CONSTRAINT "client_credential" CHECK (("client"."access_id" is not null) = ("client"."kind" not in ('client_key', 'scim'))
        and ("client"."public_jwk" is not null) = ("client"."kind" in ('legacy_key', 'oauth'))
        and ("client"."secret_digest" is not null) = ("client"."kind" in ('client_key', 'openid', 'scim'))
        and ("client"."openid" is not null) = ("client"."kind" in ('openid', 'entra')));--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_source" CHECK ("users"."source" in ('csv', 'demo', 'scim'));--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_deleted" CHECK ("users"."deleted_at" is null or ("users"."disabled_at" is not null and "users"."email_key" is null and "users"."login_key" = 'GONE ' || "users"."id"::text));