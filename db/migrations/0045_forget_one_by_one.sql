-- As before, one user after the other, each by the index: a plan for all of them at once is kept, and one that was made while hardly
-- anybody was there read every row again for each user of thousands.
CREATE OR REPLACE FUNCTION sparekey_forget_search_keys() RETURNS trigger
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
DECLARE
  each_id uuid;
BEGIN
  FOR each_id IN SELECT id FROM gone LOOP
    DELETE FROM user_search_key WHERE user_id = each_id;
  END LOOP;
  RETURN NULL;
END
$$;
