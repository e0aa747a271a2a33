-- Everybody in the first rows of lists whose words fit all patterns, looked at where they stand: one row for the length of each list
-- (without a user), and one for each user (without a list). Patterns are regular expressions over all forms of all words, each
-- with the sign of its kind, or else a bar, before it.
CREATE FUNCTION sparekey_sift_lists(lists jsonb, most integer, patterns text[])
RETURNS TABLE (list integer, length integer, user_id uuid, words text[], is_disabled boolean)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
  RETURN QUERY
    WITH found AS MATERIALIZED (SELECT f.list, f.user_id FROM sparekey_read_lists(lists, most) f)
    SELECT f.list, count(*)::integer, NULL::uuid, NULL::text[], NULL::boolean FROM found f GROUP BY f.list
    UNION ALL
    SELECT NULL, NULL, u.id, u.search_words, u.disabled_at IS NOT NULL
    FROM (SELECT DISTINCT f.user_id FROM found f) d
    JOIN users u ON u.id = d.user_id
    WHERE ('|' || array_to_string(u.search_words, '|')) COLLATE "C" ~ ALL (patterns);
END $$;
