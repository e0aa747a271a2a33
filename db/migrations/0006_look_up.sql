CREATE TABLE "user_search_key" (
	"user_id" uuid NOT NULL,
	"rank" smallint NOT NULL,
	"head" text COLLATE "C" NOT NULL,
	"word" text COLLATE "C" NOT NULL,
	"rest" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
DROP INDEX "user_phone_last4";--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "search_words" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "user_search_key" ADD CONSTRAINT "user_search_key_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "user_search_key_list" ON "user_search_key" USING btree ("head","rank","word","rest");--> statement-breakpoint
CREATE INDEX "user_search_key_user" ON "user_search_key" USING btree ("user_id");
--> statement-breakpoint
-- The first rows of each list asked for. A list is read in the order of the index and no further than asked, at every size of the
-- directory: no statistics, stale or fresh, may talk the planner into gathering a whole list and sorting it.
CREATE FUNCTION sparekey_read_lists(lists jsonb, most integer)
RETURNS TABLE (list integer, user_id uuid, word text)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
AS $$
BEGIN
  RETURN QUERY
    SELECT (l.list)::integer, k.user_id, k.word
    FROM jsonb_to_recordset(lists) AS l (
      list integer, head text COLLATE "C", rank smallint,
      word_from text COLLATE "C", word_below text COLLATE "C", rest_from text COLLATE "C", rest_below text COLLATE "C"
    )
    CROSS JOIN LATERAL (
      SELECT s.user_id, s.word
      FROM user_search_key s
      WHERE s.head = l.head AND s.rank = l.rank
        AND s.word >= l.word_from AND s.word < l.word_below
        AND s.rest >= l.rest_from AND s.rest < l.rest_below
      ORDER BY s.head, s.rank, s.word, s.rest
      LIMIT most
    ) k;
END $$;
