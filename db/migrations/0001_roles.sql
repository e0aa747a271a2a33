CREATE FUNCTION sparekey_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are added, never changed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION sparekey_refuse_change();
--> statement-breakpoint
CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION sparekey_refuse_change();
--> statement-breakpoint
CREATE TRIGGER policy_version_append_only BEFORE UPDATE OR DELETE ON policy_version FOR EACH ROW EXECUTE FUNCTION sparekey_refuse_change();
--> statement-breakpoint
CREATE FUNCTION sparekey_enqueue_job(task text, payload json, job_key text, run_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM graphile_worker.add_job(task, payload, run_at => coalesce(run_at, now()), max_attempts => 25, job_key => job_key);
END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION sparekey_enqueue_job(text, json, text, timestamptz) FROM PUBLIC;
--> statement-breakpoint
INSERT INTO server_state (id) VALUES (1);
