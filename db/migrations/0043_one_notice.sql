-- Puts into the queue that a user is told of something, where they have a phone that doesn't carry what the method sends.
-- A function, so that what calls it plans no more than a call.
CREATE FUNCTION sparekey_enqueue_notice(kind text, told_user_id uuid, method text, request_id text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM public.user_phone p WHERE p.user_id = told_user_id
      AND p.e164 NOT IN (SELECT c.e164 FROM public.user_phone c WHERE c.user_id = told_user_id AND c.channel = method)
  ) THEN
    PERFORM public.sparekey_enqueue_job('notify', json_build_object(
      'userId', told_user_id, 'kind', kind, 'method', method, 'requestId', request_id), null, now());
  END IF;
END $$;
