-- Before when everything is written: whoever writes an event does so in a transaction that began earlier, and none such is open. What only reads for longer than a minute, a backup, holds nothing up.
CREATE FUNCTION sparekey_settled_until() RETURNS timestamptz
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT least(now(), min(xact_start)) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
    AND (backend_xid IS NOT NULL OR xact_start > clock_timestamp() - interval '1 minute')
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION sparekey_settled_until() FROM PUBLIC;
