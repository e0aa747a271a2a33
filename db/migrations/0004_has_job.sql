-- Whether work is waiting or being done under a key. A lock older than `lock_lasts` is a dead worker's, and counts for nothing.
CREATE FUNCTION sparekey_has_job(job_key text, lock_lasts interval) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM graphile_worker.jobs AS job
    WHERE job.key = job_key AND (job.attempts < job.max_attempts OR job.locked_at IS NOT NULL)
      AND (job.locked_at IS NULL OR job.locked_at > now() - lock_lasts)
  )
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION sparekey_has_job(text, interval) FROM PUBLIC;
