CREATE TABLE "import_chunk" (
	"job_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"bytes" "bytea" NOT NULL,
	CONSTRAINT "import_chunk_job_id_number_pk" PRIMARY KEY("job_id","number"),
	CONSTRAINT "import_chunk_size" CHECK (octet_length("import_chunk"."bytes") between 1 and 1048576)
);
--> statement-breakpoint
CREATE TABLE "import_job" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"phase" text DEFAULT 'preview' NOT NULL,
	"label" text NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"confirm" text DEFAULT 'always' NOT NULL,
	"cursor" jsonb,
	"progress_done" bigint DEFAULT 0 NOT NULL,
	"progress_total" bigint,
	"preview_counts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"counts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"enabled_before" integer,
	"sample" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"header" text[],
	"asked_by_kind" text NOT NULL,
	"asked_by_id" text,
	"asked_by_label" text,
	"request_id" text NOT NULL,
	"runner" uuid,
	"beat_at" timestamp (3) with time zone,
	"is_foreground" boolean DEFAULT false NOT NULL,
	"failure" text,
	"failure_why" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"previewed_at" timestamp (3) with time zone,
	"confirmed_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"stripped_at" timestamp (3) with time zone,
	CONSTRAINT "import_job_runner" CHECK (("import_job"."runner" is null) = ("import_job"."beat_at" is null)),
	CONSTRAINT "import_job_end" CHECK (("import_job"."state" in ('done', 'failed', 'discarded')) = ("import_job"."ended_at" is not null)),
	CONSTRAINT "import_job_failure" CHECK (("import_job"."state" = 'failed') = ("import_job"."failure" is not null))
);
--> statement-breakpoint
CREATE TABLE "import_line" (
	"job_id" uuid NOT NULL,
	"key" text COLLATE "C" NOT NULL,
	"line" integer NOT NULL,
	"login" text NOT NULL,
	"fields" jsonb,
	"is_manager_awaited" boolean DEFAULT false NOT NULL,
	"is_unchanged" boolean DEFAULT false NOT NULL,
	CONSTRAINT "import_line_job_id_key_pk" PRIMARY KEY("job_id","key")
);
--> statement-breakpoint
CREATE TABLE "import_refusal" (
	"job_id" uuid NOT NULL,
	"line" integer NOT NULL,
	"cells" text[] NOT NULL,
	"why" text NOT NULL,
	CONSTRAINT "import_refusal_job_id_line_pk" PRIMARY KEY("job_id","line")
);
--> statement-breakpoint
ALTER TABLE "user_search_key" DROP CONSTRAINT "user_search_key_user_id_users_id_fk";
--> statement-breakpoint
ALTER TABLE "import_chunk" ADD CONSTRAINT "import_chunk_job_id_import_job_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."import_job"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "import_refusal" ADD CONSTRAINT "import_refusal_job_id_import_job_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."import_job"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "import_job_one_runs" ON "import_job" USING btree ((true)) WHERE "import_job"."runner" is not null;--> statement-breakpoint
CREATE INDEX "import_job_created" ON "import_job" USING btree ("created_at");--> statement-breakpoint
CREATE FUNCTION sparekey_forget_search_keys() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM user_search_key WHERE user_id IN (SELECT id FROM gone);
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER users_forget_search_keys AFTER DELETE ON users
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION sparekey_forget_search_keys();
