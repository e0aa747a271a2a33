DROP FUNCTION sparekey_read_lists(jsonb, integer);
--> statement-breakpoint
-- As before, without `skip`; each row says at which `place` of its list it stands, from 1.
CREATE FUNCTION sparekey_read_lists(lists jsonb, most integer)
RETURNS TABLE (list integer, place bigint, user_id uuid, word text, fit integer, is_disabled boolean)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
AS $$
BEGIN
  RETURN QUERY
    SELECT l.list, k.place, k.user_id, k.word, CASE WHEN k.word = l.text THEN l.whole ELSE l.begun END, l.rank % 2 = 1
    FROM jsonb_to_recordset(lists) AS l (
      list integer, head text COLLATE "C", rank smallint,
      word_from text COLLATE "C", word_below text COLLATE "C", rest_from text COLLATE "C", rest_below text COLLATE "C",
      third text, text text COLLATE "C", whole integer, begun integer
    )
    CROSS JOIN LATERAL (
      SELECT r.user_id, r.word, row_number() OVER () AS place
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
--> statement-breakpoint
DROP FUNCTION sparekey_sift_lists(jsonb, integer, text[]);
--> statement-breakpoint
-- Who in the lists has words that fit all `patterns`: their words are joined by blanks, and a blank stands before the first. Lists may
-- be choices: of those that share a `choice` each holds everybody that is sought, so only the shortest choice is looked at.
-- Lists of `most` rows and more have no end. Everybody is looked at in a list that ends, and, of a choice, in lists that all do;
-- elsewhere the first `few` of each list. `lists`: of each list that was looked at, by its number, whether all of it was.
CREATE FUNCTION sparekey_sift_lists(lists jsonb, most integer, few integer, patterns text[])
RETURNS json
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
  RETURN (
    WITH found AS MATERIALIZED (SELECT f.list, f.place, f.user_id FROM sparekey_read_lists(lists, most) f),
    counted AS MATERIALIZED (SELECT f.list, count(*) AS length FROM found f GROUP BY f.list),
    asked AS MATERIALIZED (
      SELECT l.list, l.choice, coalesce(c.length, 0) AS length
      FROM jsonb_to_recordset(lists) AS l (list integer, choice integer) LEFT JOIN counted c ON c.list = l.list
    ),
    shortest AS MATERIALIZED (
      SELECT a.choice, max(a.length) < most AS ends FROM asked a WHERE a.choice IS NOT NULL
      GROUP BY a.choice ORDER BY max(a.length), sum(a.length), a.choice LIMIT 1
    ),
    looked AS MATERIALIZED (
      SELECT a.list, a.length, CASE
        WHEN a.choice <> s.choice THEN 0 WHEN a.length < most AND (a.choice IS NULL OR s.ends) THEN most ELSE few END AS depth
      FROM asked a LEFT JOIN shortest s ON true
    )
    SELECT json_build_object(
      'lists', (SELECT coalesce(json_object_agg(l.list, l.length <= l.depth), '{}') FROM looked l WHERE l.depth > 0),
      'users', (
        SELECT coalesce(json_agg(r), '[]')
        FROM (
          SELECT u.search_words AS words, s.*
          FROM (
            SELECT DISTINCT f.user_id FROM found f
            WHERE f.place <= (ARRAY (SELECT l.depth FROM looked l ORDER BY l.list))[f.list + 1]
          ) d
          JOIN users u ON u.id = d.user_id
          JOIN shown_user s ON s.id = u.id
          WHERE (' ' || array_to_string(u.search_words, ' ')) COLLATE "C" ~ ALL (patterns)
        ) r
      )
    )
  );
END $$;
