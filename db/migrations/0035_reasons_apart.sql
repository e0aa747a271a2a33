ALTER TABLE "import_job" ALTER COLUMN "failure_why" SET DATA TYPE jsonb USING CASE WHEN "failure_why" IS NOT NULL THEN jsonb_build_object('reason', 'said', 'text', "failure_why") END;--> statement-breakpoint
ALTER TABLE "import_refusal" ALTER COLUMN "why" SET DATA TYPE jsonb USING jsonb_build_object('reason', 'said', 'text', "why");
