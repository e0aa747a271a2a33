CREATE TABLE "audit_event" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_event_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"kind" text NOT NULL,
	"outcome" text NOT NULL,
	"reason" text,
	"actor_kind" text NOT NULL,
	"actor_id" text,
	"user_id" uuid,
	"grant_id" uuid,
	"target_kind" text,
	"target_id" text,
	"request_id" text NOT NULL,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "audit_event_outcome" CHECK ("audit_event"."outcome" in ('ok', 'refused', 'denied', 'fault')),
	CONSTRAINT "audit_event_reason" CHECK (("audit_event"."outcome" = 'ok') or "audit_event"."reason" is not null)
);
--> statement-breakpoint
CREATE TABLE "audit_personal" (
	"event_id" bigint PRIMARY KEY NOT NULL,
	"actor_label" text,
	"user_label" text,
	"source_ip" text,
	"user_agent" text
);
--> statement-breakpoint
CREATE TABLE "authn_attempt" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"door" text NOT NULL,
	"client_id" uuid,
	"application" text,
	"subject_name" text NOT NULL,
	"subject_key" text NOT NULL,
	"user_id" uuid,
	"browser_digest" "bytea",
	"channel" text,
	"channel_asked_at" timestamp (3) with time zone,
	"sends_count" integer DEFAULT 0 NOT NULL,
	"wrong_count" integer DEFAULT 0 NOT NULL,
	"last_message_id" text,
	"state" text DEFAULT 'open' NOT NULL,
	"method" text,
	"grant_id" uuid,
	"keep_attempt" integer DEFAULT 0 NOT NULL,
	"session_attributes" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"read_at" timestamp (3) with time zone,
	CONSTRAINT "authn_attempt_state" CHECK ("authn_attempt"."state" in ('open', 'succeeded', 'failed', 'cancelled')),
	CONSTRAINT "authn_attempt_end" CHECK (("authn_attempt"."state" = 'open') = ("authn_attempt"."ended_at" is null)),
	CONSTRAINT "authn_attempt_success" CHECK ("authn_attempt"."state" <> 'succeeded' or ("authn_attempt"."user_id" is not null and "authn_attempt"."grant_id" is not null and "authn_attempt"."method" is not null))
);
--> statement-breakpoint
CREATE TABLE "client" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"role" text,
	"scopes" text[] DEFAULT '{}' NOT NULL,
	"access_id" text,
	"public_jwk" jsonb,
	"secret_digest" "bytea",
	"calls_per_second" integer DEFAULT 20 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" text,
	"ended_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	CONSTRAINT "client_kind_known" CHECK ("client"."kind" in ('legacy_key', 'client_key', 'oauth')),
	CONSTRAINT "client_credential" CHECK (("client"."kind" = 'client_key' and "client"."secret_digest" is not null and "client"."public_jwk" is null)
        or ("client"."kind" <> 'client_key' and "client"."access_id" is not null and "client"."public_jwk" is not null and "client"."secret_digest" is null)),
	CONSTRAINT "client_role" CHECK (("client"."kind" = 'legacy_key') = ("client"."role" is not null))
);
--> statement-breakpoint
CREATE TABLE "access_code" (
	"grant_id" uuid PRIMARY KEY NOT NULL,
	"form" text NOT NULL,
	"slot_id" uuid,
	"expiry_index" smallint,
	"offline_expires_at" timestamp (3) with time zone,
	"salt" "bytea" NOT NULL,
	"anchor" "bytea" NOT NULL,
	"key_id" text,
	"wrong_count" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "access_code_form" CHECK (("access_code"."form" = 'standard' and "access_code"."slot_id" is not null and "access_code"."expiry_index" between 0 and 1023 and "access_code"."offline_expires_at" is not null and "access_code"."key_id" is null)
        or ("access_code"."form" = 'short' and "access_code"."slot_id" is null and "access_code"."expiry_index" is null and "access_code"."offline_expires_at" is null and "access_code"."key_id" is not null)),
	CONSTRAINT "access_code_wrong" CHECK ("access_code"."wrong_count" >= 0)
);
--> statement-breakpoint
CREATE TABLE "slot" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"kind" text NOT NULL,
	"generation" integer NOT NULL,
	"slot_epoch" timestamp (3) with time zone NOT NULL,
	"salt" "bytea" NOT NULL,
	"anchor" "bytea" NOT NULL,
	"seed_cipher" "bytea",
	"seed_key_id" text,
	"issued_at" timestamp (3) with time zone,
	"retired_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "slot_number" CHECK ("slot"."number" >= 1),
	CONSTRAINT "slot_salt" CHECK (octet_length("slot"."salt") = 16 and octet_length("slot"."anchor") = 32),
	CONSTRAINT "slot_epoch_whole_hour" CHECK (extract(epoch from "slot"."slot_epoch")::bigint % 3600 = 0),
	CONSTRAINT "slot_seed_gone" CHECK (("slot"."issued_at" is null and "slot"."retired_at" is null) or "slot"."seed_cipher" is null),
	CONSTRAINT "slot_seed_key" CHECK (("slot"."seed_cipher" is null) = ("slot"."seed_key_id" is null))
);
--> statement-breakpoint
CREATE TABLE "throttle" (
	"subject_key" text NOT NULL,
	"source_key" text NOT NULL,
	"wrong_count" integer DEFAULT 0 NOT NULL,
	"back_off_until" timestamp (3) with time zone,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "throttle_subject_key_source_key_pk" PRIMARY KEY("subject_key","source_key"),
	CONSTRAINT "throttle_wrong" CHECK ("throttle"."wrong_count" >= 0)
);
--> statement-breakpoint
CREATE TABLE "delivery" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"purpose" text NOT NULL,
	"channel" text NOT NULL,
	"user_id" uuid,
	"grant_id" uuid,
	"challenge_id" uuid,
	"notice_kind" text,
	"to_e_164" text NOT NULL,
	"country" text,
	"language" text DEFAULT 'en' NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"failure" text,
	"provider_ref" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"sending_at" timestamp (3) with time zone,
	"sent_at" timestamp (3) with time zone,
	"delivered_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "delivery_state" CHECK ("delivery"."state" in ('queued', 'sending', 'sent', 'delivered', 'failed', 'unknown')),
	CONSTRAINT "delivery_purpose" CHECK (("delivery"."purpose" = 'otp' and "delivery"."challenge_id" is not null and "delivery"."grant_id" is not null) or ("delivery"."purpose" = 'notice' and "delivery"."notice_kind" is not null)),
	CONSTRAINT "delivery_failure" CHECK ("delivery"."state" <> 'failed' or "delivery"."failure" is not null)
);
--> statement-breakpoint
CREATE TABLE "delivery_event" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "delivery_event_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"delivery_id" uuid NOT NULL,
	"webhook_id" text NOT NULL,
	"status" text NOT NULL,
	"failure" text,
	"provider_at" timestamp (3) with time zone,
	"received_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "send_budget" (
	"day" date PRIMARY KEY NOT NULL,
	"spent" numeric(12, 4) DEFAULT 0 NOT NULL,
	"sends" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "send_budget_spent" CHECK ("send_budget"."spent" >= 0 and "send_budget"."sends" >= 0)
);
--> statement-breakpoint
CREATE TABLE "user_group" (
	"user_id" uuid NOT NULL,
	"group_name" text NOT NULL,
	CONSTRAINT "user_group_user_id_group_name_pk" PRIMARY KEY("user_id","group_name")
);
--> statement-breakpoint
CREATE TABLE "user_phone" (
	"user_id" uuid NOT NULL,
	"channel" text NOT NULL,
	"e164" text NOT NULL,
	"last4" text NOT NULL,
	"changed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"changed_by" text,
	"held_until" timestamp (3) with time zone,
	CONSTRAINT "user_phone_user_id_channel_pk" PRIMARY KEY("user_id","channel"),
	CONSTRAINT "user_phone_channel" CHECK ("user_phone"."channel" in ('sms', 'voice')),
	CONSTRAINT "user_phone_e164_shape" CHECK ("user_phone"."e164" ~ '^\+[1-9][0-9]{6,14}$' and "user_phone"."last4" = right("user_phone"."e164", 4))
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"directory_id" text NOT NULL,
	"login" text NOT NULL,
	"login_key" text NOT NULL,
	"email" text,
	"email_key" text,
	"first_name" text NOT NULL,
	"last_name" text NOT NULL,
	"display_name" text NOT NULL,
	"employee_number" text,
	"title" text,
	"department" text,
	"site" text,
	"manager_id" uuid,
	"photo_url" text,
	"language" text,
	"time_zone" text,
	"normal_authenticators" text[] DEFAULT '{}' NOT NULL,
	"last_sign_in_at" timestamp (3) with time zone,
	"last_sign_in_method" text,
	"disabled_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "grants" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"method" text NOT NULL,
	"starts_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"uses_max" integer,
	"uses_count" integer DEFAULT 0 NOT NULL,
	"last_used_at" timestamp (3) with time zone,
	"issuer_kind" text NOT NULL,
	"issuer_id" text,
	"issuer_label" text,
	"reason" text NOT NULL,
	"reason_note" text,
	"ticket" text,
	"form_id" text,
	"policy_version" integer NOT NULL,
	"generation" integer NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"ended_as" text,
	"ended_by" text,
	"end_reason" text,
	"replaced_by_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "grants_method" CHECK ("grants"."method" in ('sms', 'voice', 'access_code')),
	CONSTRAINT "grants_window" CHECK ("grants"."expires_at" > "grants"."starts_at" and "grants"."expires_at" <= "grants"."starts_at" + interval '31 days'),
	CONSTRAINT "grants_uses" CHECK ("grants"."uses_count" >= 0 and ("grants"."uses_max" is null or ("grants"."uses_max" >= 1 and "grants"."uses_count" <= "grants"."uses_max"))),
	CONSTRAINT "grants_end" CHECK (("grants"."ended_at" is null) = ("grants"."ended_as" is null)),
	CONSTRAINT "grants_spent" CHECK ("grants"."ended_as" is distinct from 'spent' or "grants"."uses_count" >= 1),
	CONSTRAINT "grants_used_up" CHECK ("grants"."uses_max" is null or "grants"."uses_count" < "grants"."uses_max" or "grants"."ended_at" is not null)
);
--> statement-breakpoint
CREATE TABLE "challenge" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"grant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"channel" text NOT NULL,
	"attempt_id" uuid,
	"code_hmac" "bytea",
	"key_id" text,
	"wrong_count" integer DEFAULT 0 NOT NULL,
	"tries_max" integer DEFAULT 3 NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"spent_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"end_reason" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "challenge_channel" CHECK ("challenge"."channel" in ('sms', 'voice')),
	CONSTRAINT "challenge_window" CHECK ("challenge"."expires_at" > "challenge"."created_at" and "challenge"."expires_at" <= "challenge"."created_at" + interval '10 minutes'),
	CONSTRAINT "challenge_tries" CHECK ("challenge"."wrong_count" >= 0 and "challenge"."wrong_count" <= "challenge"."tries_max" and "challenge"."tries_max" between 1 and 10),
	CONSTRAINT "challenge_dead_when_tried_out" CHECK ("challenge"."wrong_count" < "challenge"."tries_max" or "challenge"."ended_at" is not null),
	CONSTRAINT "challenge_key" CHECK (("challenge"."code_hmac" is null) = ("challenge"."key_id" is null)),
	CONSTRAINT "challenge_one_end" CHECK ("challenge"."spent_at" is null or "challenge"."ended_at" is null)
);
--> statement-breakpoint
CREATE TABLE "server_state" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL,
	"issuing_stopped_at" timestamp (3) with time zone,
	"issuing_stopped_reason" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "server_state_single" CHECK ("server_state"."id" = 1),
	CONSTRAINT "server_state_generation" CHECK ("server_state"."generation" >= 1)
);
--> statement-breakpoint
CREATE TABLE "policy_version" (
	"version" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "policy_version_version_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"document" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" text
);
--> statement-breakpoint
CREATE TABLE "staff" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"email" text NOT NULL,
	"email_key" text NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"password_hash" text,
	"failed_count" integer DEFAULT 0 NOT NULL,
	"locked_until" timestamp (3) with time zone,
	"disabled_at" timestamp (3) with time zone,
	"user_directory_id" text,
	"oidc_issuer" text,
	"oidc_subject" text,
	"language" text DEFAULT 'en' NOT NULL,
	"time_zone" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_sign_in_at" timestamp (3) with time zone,
	CONSTRAINT "staff_role" CHECK ("staff"."role" in ('helpdesk', 'lead', 'security', 'auditor', 'owner')),
	CONSTRAINT "staff_failed_count" CHECK ("staff"."failed_count" >= 0)
);
--> statement-breakpoint
CREATE TABLE "staff_passkey" (
	"id" text PRIMARY KEY NOT NULL,
	"staff_id" uuid NOT NULL,
	"public_key" "bytea" NOT NULL,
	"counter" bigint DEFAULT 0 NOT NULL,
	"transports" text[] DEFAULT '{}' NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "staff_session" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"token_digest" "bytea" NOT NULL,
	"staff_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"ended_reason" text,
	"second_factor_at" timestamp (3) with time zone,
	"second_factor_method" text,
	"source_ip" text,
	"user_agent" text,
	CONSTRAINT "staff_session_window" CHECK ("staff_session"."expires_at" > "staff_session"."created_at" and "staff_session"."expires_at" <= "staff_session"."created_at" + interval '12 hours')
);
--> statement-breakpoint
CREATE TABLE "staff_token" (
	"token_digest" "bytea" PRIMARY KEY NOT NULL,
	"staff_id" uuid,
	"purpose" text NOT NULL,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "staff_totp" (
	"staff_id" uuid PRIMARY KEY NOT NULL,
	"secret_cipher" "bytea" NOT NULL,
	"key_id" text NOT NULL,
	"last_step" bigint DEFAULT 0 NOT NULL,
	"confirmed_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "access_code" ADD CONSTRAINT "access_code_grant_id_grants_id_fk" FOREIGN KEY ("grant_id") REFERENCES "public"."grants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "access_code" ADD CONSTRAINT "access_code_slot_id_slot_id_fk" FOREIGN KEY ("slot_id") REFERENCES "public"."slot"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slot" ADD CONSTRAINT "slot_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "delivery_event" ADD CONSTRAINT "delivery_event_delivery_id_delivery_id_fk" FOREIGN KEY ("delivery_id") REFERENCES "public"."delivery"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_group" ADD CONSTRAINT "user_group_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_phone" ADD CONSTRAINT "user_phone_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_manager_id_users_id_fk" FOREIGN KEY ("manager_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "challenge" ADD CONSTRAINT "challenge_grant_id_grants_id_fk" FOREIGN KEY ("grant_id") REFERENCES "public"."grants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff_passkey" ADD CONSTRAINT "staff_passkey_staff_id_staff_id_fk" FOREIGN KEY ("staff_id") REFERENCES "public"."staff"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff_session" ADD CONSTRAINT "staff_session_staff_id_staff_id_fk" FOREIGN KEY ("staff_id") REFERENCES "public"."staff"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff_token" ADD CONSTRAINT "staff_token_staff_id_staff_id_fk" FOREIGN KEY ("staff_id") REFERENCES "public"."staff"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff_totp" ADD CONSTRAINT "staff_totp_staff_id_staff_id_fk" FOREIGN KEY ("staff_id") REFERENCES "public"."staff"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_event_user" ON "audit_event" USING btree ("user_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_event_kind" ON "audit_event" USING btree ("kind","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_event_actor" ON "audit_event" USING btree ("actor_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_event_grant" ON "audit_event" USING btree ("grant_id");--> statement-breakpoint
CREATE INDEX "authn_attempt_expires" ON "authn_attempt" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "authn_attempt_subject" ON "authn_attempt" USING btree ("subject_key","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "client_access_id" ON "client" USING btree ("access_id");--> statement-breakpoint
CREATE UNIQUE INDEX "client_secret_digest" ON "client" USING btree ("secret_digest");--> statement-breakpoint
CREATE INDEX "client_kind" ON "client" USING btree ("kind");--> statement-breakpoint
CREATE UNIQUE INDEX "access_code_slot" ON "access_code" USING btree ("slot_id");--> statement-breakpoint
CREATE UNIQUE INDEX "slot_user_number" ON "slot" USING btree ("user_id","number");--> statement-breakpoint
CREATE INDEX "throttle_updated" ON "throttle" USING btree ("updated_at");--> statement-breakpoint
CREATE UNIQUE INDEX "delivery_provider_ref" ON "delivery" USING btree ("provider_ref");--> statement-breakpoint
CREATE UNIQUE INDEX "delivery_challenge" ON "delivery" USING btree ("challenge_id");--> statement-breakpoint
CREATE INDEX "delivery_user" ON "delivery" USING btree ("user_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "delivery_grant" ON "delivery" USING btree ("grant_id");--> statement-breakpoint
CREATE INDEX "delivery_number" ON "delivery" USING btree ("to_e_164","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "delivery_open" ON "delivery" USING btree ("created_at") WHERE "delivery"."state" in ('queued', 'sending');--> statement-breakpoint
CREATE UNIQUE INDEX "delivery_event_webhook" ON "delivery_event" USING btree ("webhook_id");--> statement-breakpoint
CREATE INDEX "delivery_event_delivery" ON "delivery_event" USING btree ("delivery_id","id");--> statement-breakpoint
CREATE INDEX "user_group_name" ON "user_group" USING btree ("group_name");--> statement-breakpoint
CREATE INDEX "user_phone_e164" ON "user_phone" USING btree ("e164");--> statement-breakpoint
CREATE INDEX "user_phone_last4" ON "user_phone" USING btree ("last4");--> statement-breakpoint
CREATE UNIQUE INDEX "users_directory_id" ON "users" USING btree ("directory_id");--> statement-breakpoint
CREATE UNIQUE INDEX "users_login_key" ON "users" USING btree ("login_key");--> statement-breakpoint
CREATE INDEX "users_email_key" ON "users" USING btree ("email_key");--> statement-breakpoint
CREATE INDEX "users_manager" ON "users" USING btree ("manager_id");--> statement-breakpoint
CREATE UNIQUE INDEX "grants_one_live" ON "grants" USING btree ("user_id","method") WHERE "grants"."ended_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "grants_form" ON "grants" USING btree ("issuer_kind","issuer_id","form_id");--> statement-breakpoint
CREATE INDEX "grants_user" ON "grants" USING btree ("user_id","created_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "grants_created" ON "grants" USING btree ("created_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "grants_expiry" ON "grants" USING btree ("expires_at") WHERE "grants"."ended_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "challenge_one_live" ON "challenge" USING btree ("attempt_id","channel") WHERE "challenge"."spent_at" is null and "challenge"."ended_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "challenge_one_live_of_desk" ON "challenge" USING btree ("grant_id") WHERE "challenge"."attempt_id" is null and "challenge"."spent_at" is null and "challenge"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "challenge_grant" ON "challenge" USING btree ("grant_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "challenge_user" ON "challenge" USING btree ("user_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "staff_email_key" ON "staff" USING btree ("email_key");--> statement-breakpoint
CREATE UNIQUE INDEX "staff_oidc" ON "staff" USING btree ("oidc_issuer","oidc_subject");--> statement-breakpoint
CREATE INDEX "staff_passkey_staff" ON "staff_passkey" USING btree ("staff_id");--> statement-breakpoint
CREATE UNIQUE INDEX "staff_session_token" ON "staff_session" USING btree ("token_digest");--> statement-breakpoint
CREATE INDEX "staff_session_staff" ON "staff_session" USING btree ("staff_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "staff_token_staff" ON "staff_token" USING btree ("staff_id");--> statement-breakpoint
CREATE INDEX "staff_token_expires" ON "staff_token" USING btree ("expires_at");