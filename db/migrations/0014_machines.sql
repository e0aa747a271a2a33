CREATE TABLE "enrolment_token" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"digest" "bytea" NOT NULL,
	"machine_name" text NOT NULL,
	"user_ids" uuid[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" text,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone,
	"machine_id" uuid,
	CONSTRAINT "enrolment_token_window" CHECK ("enrolment_token"."expires_at" > "enrolment_token"."created_at")
);
--> statement-breakpoint
CREATE TABLE "machine" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"public_key" "bytea" NOT NULL,
	"enrolled_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"enrolled_by" text,
	"ended_at" timestamp (3) with time zone,
	"ended_as" text,
	"ended_by" text,
	"end_reason" text,
	"agent_version" text,
	"last_contact_at" timestamp (3) with time zone,
	"last_source_ip" text,
	"pinned_key_id" text NOT NULL,
	"generation" integer DEFAULT 0 NOT NULL,
	"serial" bigint DEFAULT 0 NOT NULL,
	"package_at" timestamp (3) with time zone,
	"package_not_after" timestamp (3) with time zone,
	"stored_generation" integer DEFAULT 0 NOT NULL,
	"stored_serial" bigint DEFAULT 0 NOT NULL,
	"stored_at" timestamp (3) with time zone,
	"stored_not_after" timestamp (3) with time zone,
	"receipt_seq" integer DEFAULT 0 NOT NULL,
	"receipt_hash" "bytea",
	CONSTRAINT "machine_public" CHECK (octet_length("machine"."public_key") = 32),
	CONSTRAINT "machine_end" CHECK (("machine"."ended_at" is null) = ("machine"."ended_as" is null)),
	CONSTRAINT "machine_stored" CHECK (("machine"."stored_generation", "machine"."stored_serial") <= ("machine"."generation", "machine"."serial"))
);
--> statement-breakpoint
CREATE TABLE "machine_alarm" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"machine_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"raised_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp (3) with time zone,
	"seen_by" text
);
--> statement-breakpoint
CREATE TABLE "machine_request" (
	"machine_id" uuid NOT NULL,
	"jti" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "machine_request_machine_id_jti_pk" PRIMARY KEY("machine_id","jti")
);
--> statement-breakpoint
CREATE TABLE "machine_user" (
	"machine_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"source" text NOT NULL,
	"added_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"added_by" text,
	CONSTRAINT "machine_user_machine_id_user_id_pk" PRIMARY KEY("machine_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "package_slot" (
	"machine_id" uuid NOT NULL,
	"slot_id" uuid NOT NULL,
	"generation" integer NOT NULL,
	"serial" bigint NOT NULL,
	"not_after" timestamp (3) with time zone NOT NULL,
	"stored_at" timestamp (3) with time zone,
	CONSTRAINT "package_slot_machine_id_slot_id_pk" PRIMARY KEY("machine_id","slot_id")
);
--> statement-breakpoint
CREATE TABLE "receipt" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"machine_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"hash" "bytea" NOT NULL,
	"previous_hash" "bytea" NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"user_id" uuid,
	"slot_id" uuid,
	"outcome" text NOT NULL,
	"grant_id" uuid,
	CONSTRAINT "receipt_hashes" CHECK (octet_length("receipt"."hash") = 32 and octet_length("receipt"."previous_hash") = 32)
);
--> statement-breakpoint
CREATE TABLE "signing_key" (
	"id" text PRIMARY KEY NOT NULL,
	"public_key" "bytea" NOT NULL,
	"private_cipher" "bytea",
	"private_key_id" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"in_force_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "signing_key_public" CHECK (octet_length("signing_key"."public_key") = 32),
	CONSTRAINT "signing_key_private" CHECK (("signing_key"."ended_at" is null) = ("signing_key"."private_cipher" is not null) and ("signing_key"."private_cipher" is null) = ("signing_key"."private_key_id" is null))
);
--> statement-breakpoint
ALTER TABLE "enrolment_token" ADD CONSTRAINT "enrolment_token_machine_id_machine_id_fk" FOREIGN KEY ("machine_id") REFERENCES "public"."machine"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "machine" ADD CONSTRAINT "machine_pinned_key_id_signing_key_id_fk" FOREIGN KEY ("pinned_key_id") REFERENCES "public"."signing_key"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "machine_alarm" ADD CONSTRAINT "machine_alarm_machine_id_machine_id_fk" FOREIGN KEY ("machine_id") REFERENCES "public"."machine"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "machine_request" ADD CONSTRAINT "machine_request_machine_id_machine_id_fk" FOREIGN KEY ("machine_id") REFERENCES "public"."machine"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "machine_user" ADD CONSTRAINT "machine_user_machine_id_machine_id_fk" FOREIGN KEY ("machine_id") REFERENCES "public"."machine"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "machine_user" ADD CONSTRAINT "machine_user_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "package_slot" ADD CONSTRAINT "package_slot_machine_id_machine_id_fk" FOREIGN KEY ("machine_id") REFERENCES "public"."machine"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "package_slot" ADD CONSTRAINT "package_slot_slot_id_slot_id_fk" FOREIGN KEY ("slot_id") REFERENCES "public"."slot"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipt" ADD CONSTRAINT "receipt_machine_id_machine_id_fk" FOREIGN KEY ("machine_id") REFERENCES "public"."machine"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipt" ADD CONSTRAINT "receipt_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipt" ADD CONSTRAINT "receipt_slot_id_slot_id_fk" FOREIGN KEY ("slot_id") REFERENCES "public"."slot"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipt" ADD CONSTRAINT "receipt_grant_id_grants_id_fk" FOREIGN KEY ("grant_id") REFERENCES "public"."grants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "enrolment_token_digest" ON "enrolment_token" USING btree ("digest");--> statement-breakpoint
CREATE UNIQUE INDEX "machine_one_enrolled" ON "machine" USING btree (lower("name")) WHERE "machine"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "machine_name" ON "machine" USING btree ("name");--> statement-breakpoint
CREATE INDEX "machine_alarm_unseen" ON "machine_alarm" USING btree ("raised_at") WHERE "machine_alarm"."seen_at" is null;--> statement-breakpoint
CREATE INDEX "machine_alarm_machine" ON "machine_alarm" USING btree ("machine_id");--> statement-breakpoint
CREATE INDEX "machine_request_expiry" ON "machine_request" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "machine_user_user" ON "machine_user" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "package_slot_slot" ON "package_slot" USING btree ("slot_id");--> statement-breakpoint
CREATE UNIQUE INDEX "receipt_hash" ON "receipt" USING btree ("machine_id","hash");--> statement-breakpoint
CREATE INDEX "receipt_machine" ON "receipt" USING btree ("machine_id","seq");--> statement-breakpoint
CREATE INDEX "receipt_slot" ON "receipt" USING btree ("slot_id");--> statement-breakpoint
CREATE INDEX "receipt_grant" ON "receipt" USING btree ("grant_id");--> statement-breakpoint
CREATE UNIQUE INDEX "signing_key_one_announced" ON "signing_key" USING btree ((true)) WHERE "signing_key"."in_force_at" is null and "signing_key"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "slot_open" ON "slot" USING btree ("user_id","kind","number") WHERE "slot"."issued_at" is null and "slot"."retired_at" is null;