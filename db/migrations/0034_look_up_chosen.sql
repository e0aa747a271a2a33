-- As before, but lists may be choices: of those that share a `choice` each holds everybody that is sought, so only the shortest
-- choice is looked at, and those without one. One row for the length of each list that was looked at.
CREATE OR REPLACE FUNCTION sparekey_sift_lists(lists jsonb, most integer, patterns text[])
RETURNS TABLE (list integer, length integer, user_id uuid, words text[], is_disabled boolean)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
  RETURN QUERY
    WITH found AS MATERIALIZED (SELECT f.list, f.user_id FROM sparekey_read_lists(lists, most) f),
    counted AS MATERIALIZED (SELECT f.list, count(*)::integer AS length FROM found f GROUP BY f.list),
    asked AS MATERIALIZED (
      SELECT l.list, l.choice, coalesce(c.length, 0) AS length
      FROM jsonb_to_recordset(lists) AS l (list integer, choice integer) LEFT JOIN counted c ON c.list = l.list
    ),
    chosen AS MATERIALIZED (
      SELECT array_agg(a.list) AS lists FROM asked a
      WHERE a.choice IS NULL OR a.choice = (
        SELECT s.choice FROM asked s WHERE s.choice IS NOT NULL
        GROUP BY s.choice ORDER BY max(s.length), sum(s.length), s.choice LIMIT 1
      )
    )
    SELECT a.list, a.length, NULL::uuid, NULL::text[], NULL::boolean FROM asked a WHERE a.list = ANY ((SELECT c.lists FROM chosen c)::integer[])
    UNION ALL
    SELECT NULL, NULL, u.id, u.search_words, u.disabled_at IS NOT NULL
    FROM (SELECT DISTINCT f.user_id FROM found f WHERE f.list = ANY ((SELECT c.lists FROM chosen c)::integer[])) d
    JOIN users u ON u.id = d.user_id
    WHERE ('|' || array_to_string(u.search_words, '|')) COLLATE "C" ~ ALL (patterns);
END $$;
