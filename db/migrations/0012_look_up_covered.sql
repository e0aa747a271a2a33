DROP INDEX "user_search_key_list";--> statement-breakpoint
CREATE INDEX "user_search_key_list" ON "user_search_key" USING btree ("head","rank","word","rest","user_id");
--> statement-breakpoint
-- As before, now in an order that no two rows share, from the index alone, and of a third word where one is asked for.
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
      SELECT s.user_id, s.word
      FROM user_search_key s
      WHERE s.head = l.head AND s.rank = l.rank
        AND s.word >= l.word_from AND s.word < l.word_below
        AND s.rest >= l.rest_from AND s.rest < l.rest_below
        AND (l.third IS NULL OR strpos(s.rest, l.third) > 0)
      ORDER BY s.head, s.rank, s.word, s.rest, s.user_id
      LIMIT most
    ) k;
END $$;
