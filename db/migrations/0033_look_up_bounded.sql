-- As before, now of a stretch in which a third word is looked for no more than so many rows: how long it takes depends on nobody's
-- name being common.
CREATE OR REPLACE FUNCTION sparekey_read_lists(lists jsonb, most integer)
RETURNS TABLE (list integer, user_id uuid, word text)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
AS $$
BEGIN
  RETURN QUERY
    SELECT (l.list)::integer, k.user_id, k.word
    FROM jsonb_to_recordset(lists) AS l (
      list integer, head text COLLATE "C", rank smallint,
      word_from text COLLATE "C", word_below text COLLATE "C", rest_from text COLLATE "C", rest_below text COLLATE "C",
      third text
    )
    CROSS JOIN LATERAL (
      SELECT r.user_id, r.word
      FROM (
        SELECT s.user_id, s.word, s.rest
        FROM user_search_key s
        WHERE s.head = l.head AND s.rank = l.rank
          AND s.word >= l.word_from AND s.word < l.word_below
          AND s.rest >= l.rest_from AND s.rest < l.rest_below
        ORDER BY s.head, s.rank, s.word, s.rest, s.user_id
        LIMIT CASE WHEN l.third IS NULL THEN most ELSE 2000 END
      ) r
      WHERE l.third IS NULL OR strpos(r.rest, l.third) > 0
      LIMIT most
    ) k;
END $$;
