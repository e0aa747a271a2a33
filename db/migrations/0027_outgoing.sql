CREATE TABLE "webhook_attempt" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "webhook_attempt_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"message_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"status" integer,
	"failure" text,
	"took_ms" integer NOT NULL,
	"excerpt" text,
	"next_at" timestamp (3) with time zone,
	CONSTRAINT "webhook_attempt_answer" CHECK (("webhook_attempt"."status" is null) = ("webhook_attempt"."failure" is not null)),
	CONSTRAINT "webhook_attempt_excerpt" CHECK (length("webhook_attempt"."excerpt") <= 1024)
);
--> statement-breakpoint
CREATE TABLE "webhook_endpoint" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"url" text NOT NULL,
	"description" text NOT NULL,
	"event_types" text[] NOT NULL,
	"secret_cipher" "bytea",
	"secret_key_id" text,
	"previous_cipher" "bytea",
	"previous_key_id" text,
	"previous_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_by" text,
	"disabled_at" timestamp (3) with time zone,
	"disabled_reason" text,
	"ended_at" timestamp (3) with time zone,
	"failing_since" timestamp (3) with time zone,
	"last_delivered_at" timestamp (3) with time zone,
	CONSTRAINT "webhook_endpoint_secret" CHECK (("webhook_endpoint"."secret_cipher" is null) = ("webhook_endpoint"."ended_at" is not null)),
	CONSTRAINT "webhook_endpoint_key" CHECK (("webhook_endpoint"."secret_cipher" is null) = ("webhook_endpoint"."secret_key_id" is null)),
	CONSTRAINT "webhook_endpoint_previous" CHECK (("webhook_endpoint"."previous_cipher" is null) = ("webhook_endpoint"."previous_key_id" is null) and ("webhook_endpoint"."previous_cipher" is null) = ("webhook_endpoint"."previous_until" is null)),
	CONSTRAINT "webhook_endpoint_disabled" CHECK (("webhook_endpoint"."disabled_at" is null) = ("webhook_endpoint"."disabled_reason" is null)),
	CONSTRAINT "webhook_endpoint_disabled_reason" CHECK ("webhook_endpoint"."disabled_reason" in ('staff', 'gone', 'failing')),
	CONSTRAINT "webhook_endpoint_types" CHECK (cardinality("webhook_endpoint"."event_types") > 0)
);
--> statement-breakpoint
CREATE TABLE "webhook_message" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"event_id" bigint NOT NULL,
	"type" text NOT NULL,
	"once_key" text,
	"payload" text,
	"state" text DEFAULT 'waiting' NOT NULL,
	"sends" integer DEFAULT 0 NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"claimed_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "webhook_message_state" CHECK ("webhook_message"."state" in ('waiting', 'delivered', 'dead')),
	CONSTRAINT "webhook_message_ended" CHECK (("webhook_message"."state" = 'waiting') = ("webhook_message"."ended_at" is null)),
	CONSTRAINT "webhook_message_sends" CHECK ("webhook_message"."failures" >= 0 and "webhook_message"."sends" >= "webhook_message"."failures")
);
--> statement-breakpoint
ALTER TABLE "webhook_attempt" ADD CONSTRAINT "webhook_attempt_message_id_webhook_message_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."webhook_message"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_message" ADD CONSTRAINT "webhook_message_endpoint_id_webhook_endpoint_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."webhook_endpoint"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_attempt_message" ON "webhook_attempt" USING btree ("message_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_message_event" ON "webhook_message" USING btree ("endpoint_id","event_id");--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_message_once" ON "webhook_message" USING btree ("endpoint_id","once_key");--> statement-breakpoint
CREATE INDEX "webhook_message_due" ON "webhook_message" USING btree ("endpoint_id","due_at") WHERE "webhook_message"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "webhook_message_dead" ON "webhook_message" USING btree ("endpoint_id","created_at") WHERE "webhook_message"."state" = 'dead';--> statement-breakpoint
CREATE INDEX "webhook_message_created" ON "webhook_message" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "webhook_message_endpoint" ON "webhook_message" USING btree ("endpoint_id","created_at","id");
--> statement-breakpoint
-- Writes a message for every endpoint that wants to hear of an event, in the transaction of the event, whoever wrote it and however.
CREATE FUNCTION sparekey_tell_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  told text := CASE NEW.kind
    WHEN 'machine.alarm-raised' THEN 'machine.alarm' WHEN 'webhook-endpoint.tested' THEN 'webhook.test' ELSE NEW.kind END;
  once text := CASE WHEN NEW.kind = 'code.throttled' AND NEW.reason = 'throttled'
    THEN format('%s/%s', NEW.details->>'subject', floor(extract(epoch FROM NEW.at) / 60)) END;
  endpoint record;
  message uuid;
BEGIN
  FOR endpoint IN
    SELECT id, disabled_at IS NULL AS is_on FROM public.webhook_endpoint
    WHERE ended_at IS NULL AND CASE told WHEN 'webhook.test' THEN id = NEW.target_id::uuid ELSE told = ANY (event_types) END
  LOOP
    INSERT INTO public.webhook_message (endpoint_id, event_id, type, once_key) VALUES (endpoint.id, NEW.id, told, once)
    ON CONFLICT DO NOTHING RETURNING id INTO message;
    IF message IS NOT NULL AND endpoint.is_on THEN
      PERFORM public.sparekey_enqueue_job('send-webhooks', json_build_object('endpointId', endpoint.id), format('webhook/%s', message), now());
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_event_tell_webhooks AFTER INSERT ON audit_event FOR EACH ROW
WHEN ((NEW.outcome = 'ok' AND NEW.grant_id IS NOT NULL AND NEW.kind IN ('grant.issued', 'grant.redeemed', 'grant.revoked'))
  OR (NEW.outcome = 'ok' AND NEW.kind = 'webhook-endpoint.tested')
  OR NEW.kind IN ('delivery.failed', 'code.throttled', 'machine.alarm-raised'))
EXECUTE FUNCTION sparekey_tell_webhooks();
