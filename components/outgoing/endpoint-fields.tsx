"use client";

import { useTranslations } from "use-intl/react";
import { TextField } from "@/components/ui/field";
import { type EventType, eventTypes } from "@/lib/outgoing/model";
import { type OutgoingRefusal, useOutgoingWords } from "./words";

/** What is typed about an endpoint. */
export function toEndpoint(form: FormData): { url: string; description: string; eventTypes: EventType[] } {
  return {
    url: String(form.get("url") ?? ""),
    description: String(form.get("description") ?? ""),
    eventTypes: form.getAll("eventTypes") as EventType[],
  };
}

/** Whether the fields say of themselves what is wrong. */
export function isAboutFields({ reason, fields }: OutgoingRefusal): boolean {
  if (reason === "invalid") return fields?.url !== undefined || fields?.eventTypes !== undefined;
  return reason === "https_needed" || reason === "address_refused";
}

/** What an endpoint is: its name, its address, what it is told of. */
export function EndpointFields({
  given,
  refused,
}: {
  given?: { url: string; description: string; eventTypes: readonly EventType[] };
  refused: OutgoingRefusal | null;
}) {
  const t = useTranslations("outgoing");
  const words = useOutgoingWords();
  const isUrlWrong = refused !== null && isAboutFields(refused) && refused.fields?.eventTypes === undefined;
  return (
    <>
      <TextField
        id="endpoint-name"
        name="description"
        label={t("name")}
        hint={t("nameHint")}
        defaultValue={given?.description}
        maxLength={80}
        autoComplete="off"
        required
      />
      <TextField
        id="endpoint-url"
        name="url"
        inputMode="url"
        label={t("address")}
        hint={t("addressHint")}
        placeholder="https://"
        error={isUrlWrong ? (refused.reason === "invalid" ? t("addressBad") : words(refused)) : undefined}
        defaultValue={given?.url}
        maxLength={1000}
        autoComplete="off"
        spellCheck={false}
        mono
        required
      />
      <fieldset>
        <legend className="mb-1.5 font-medium text-xs">{t("toldOf")}</legend>
        <div className="grid gap-x-4 gap-y-1.5 sm:grid-cols-2">
          {eventTypes.map((type) => (
            <label key={type} className="flex items-start gap-2.5">
              <input
                type="checkbox"
                name="eventTypes"
                value={type}
                defaultChecked={given === undefined || given.eventTypes.includes(type)}
                className="mt-0.5 size-4 shrink-0"
              />
              <span className="min-w-0">
                {t(`type.${type}`)}
                <code className="block font-mono text-2xs text-ink-soft">{type}</code>
              </span>
            </label>
          ))}
        </div>
        {refused?.fields?.eventTypes !== undefined && (
          <p className="mt-1.5 font-medium text-danger text-xs">{t("toldOfNothing")}</p>
        )}
      </fieldset>
    </>
  );
}
