-- A user as a list of users shows them.
CREATE VIEW shown_user AS
SELECT u.id, u.login, u.email, u.display_name AS "displayName", u.employee_number AS "employeeNumber", u.title, u.department, u.site,
  u.photo_url AS "photoUrl", u.disabled_at IS NOT NULL AS "isDisabled",
  (
    SELECT coalesce(json_agg(json_build_object('channel', p.channel, 'e164', p.e164) ORDER BY p.channel), '[]')
    FROM user_phone p WHERE p.user_id = u.id
  ) AS phones
FROM users u;
--> statement-breakpoint
DROP FUNCTION sparekey_read_lists(jsonb, integer);
--> statement-breakpoint
-- As before; of a list so many rows may be passed over (`skip`), and each row now says how well its user fits, too: `whole` of the list for whoever has its `text` whole, `begun` for all others.
CREATE FUNCTION sparekey_read_lists(lists jsonb, most integer)
RETURNS TABLE (list integer, user_id uuid, word text, fit integer, is_disabled boolean)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
AS $$
BEGIN
  RETURN QUERY
    SELECT l.list, k.user_id, k.word, CASE WHEN k.word = l.text THEN l.whole ELSE l.begun END, l.rank % 2 = 1
    FROM jsonb_to_recordset(lists) AS l (
      list integer, head text COLLATE "C", rank smallint,
      word_from text COLLATE "C", word_below text COLLATE "C", rest_from text COLLATE "C", rest_below text COLLATE "C",
      third text, skip integer, text text COLLATE "C", whole integer, begun integer
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
        LIMIT CASE WHEN l.third IS NULL THEN most - coalesce(l.skip, 0) ELSE 2000 END OFFSET coalesce(l.skip, 0)
      ) r
      WHERE l.third IS NULL OR strpos(r.rest, l.third) > 0
      LIMIT most
    ) k;
END $$;
--> statement-breakpoint
-- The best `want` of whoever stands in the first `most` rows of each list, the best first: `users`. `isShort`: a list goes on behind
-- these rows, and fewer than `want` stand in them.
CREATE FUNCTION sparekey_find_users(lists jsonb, want integer, most integer)
RETURNS json
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
  RETURN (
    WITH found AS MATERIALIZED (SELECT * FROM sparekey_read_lists(lists, most)),
    fitting AS (
      SELECT DISTINCT ON (f.user_id) f.user_id, f.fit, f.is_disabled, f.word
      FROM found f ORDER BY f.user_id, f.fit, f.is_disabled, f.word
    ),
    best AS (SELECT * FROM fitting b ORDER BY b.fit, b.is_disabled, b.word, b.user_id LIMIT want)
    SELECT json_build_object(
      'isShort', EXISTS (
        SELECT FROM found f GROUP BY f.list HAVING count(*) >= most AND count(DISTINCT f.user_id) < want
      ),
      'users', (
        SELECT coalesce(json_agg(r), '[]')
        FROM (SELECT b.fit, b.word, s.* FROM best b JOIN shown_user s ON s.id = b.user_id) r
      )
    )
  );
END $$;
--> statement-breakpoint
DROP FUNCTION sparekey_sift_lists(jsonb, integer, text[]);
--> statement-breakpoint
-- As before, now with all that is shown of a user; their words are joined by blanks, and a blank stands before the first, for
-- `patterns`. `lengths`: the length of each list that was looked at, by its number.
CREATE FUNCTION sparekey_sift_lists(lists jsonb, most integer, patterns text[])
RETURNS json
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
  RETURN (
    WITH found AS MATERIALIZED (SELECT f.list, f.user_id FROM sparekey_read_lists(lists, most) f),
    counted AS MATERIALIZED (SELECT f.list, count(*)::integer AS length FROM found f GROUP BY f.list),
    asked AS MATERIALIZED (
      SELECT l.list, l.choice, coalesce(c.length, 0) AS length
      FROM jsonb_to_recordset(lists) AS l (list integer, choice integer) LEFT JOIN counted c ON c.list = l.list
    ),
    chosen AS MATERIALIZED (
      SELECT a.list, a.length FROM asked a
      WHERE a.choice IS NULL OR a.choice = (
        SELECT s.choice FROM asked s WHERE s.choice IS NOT NULL
        GROUP BY s.choice ORDER BY max(s.length), sum(s.length), s.choice LIMIT 1
      )
    )
    SELECT json_build_object(
      'lengths', (SELECT coalesce(json_object_agg(c.list, c.length), '{}') FROM chosen c),
      'users', (
        SELECT coalesce(json_agg(r), '[]')
        FROM (
          SELECT u.search_words AS words, s.*
          FROM (SELECT DISTINCT f.user_id FROM found f WHERE f.list = ANY (ARRAY (SELECT c.list FROM chosen c))) d
          JOIN users u ON u.id = d.user_id
          JOIN shown_user s ON s.id = u.id
          WHERE (' ' || array_to_string(u.search_words, ' ')) COLLATE "C" ~ ALL (patterns)
        ) r
      )
    )
  );
END $$;
