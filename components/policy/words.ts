"use client";

import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import type { Policy } from "@/lib/policy/model";
import type { PolicyField } from "./sections";

export type GroupRule = Policy["methodsOffByGroup"][number];

/** Whether a field's number is a span of time, in seconds. */
export const isSpanField = ({ kind }: PolicyField): boolean => kind === "span" || kind === "lockedSpan";

/** The words of a field: the catalogue keeps them under the field's own dotted name. */
export function usePolicyWords(): (path: string, which: "label" | "hint") => string {
  const t = useTranslations("policy.field");
  return (path, which) => t(`${path}.${which}` as "stepUpSeconds.label");
}

/** Says a value of a field in one line. */
export function usePolicyValues(): (field: PolicyField, value: unknown) => string {
  const t = useTranslations("policy");
  const to = useTranslations("policy.option");
  const { formats } = useReader();
  return (field, value) => {
    if (value === null) return t("notLocked");
    if (typeof value === "number") return isSpanField(field) ? formats.span(value) : formats.number(value);
    if (Array.isArray(value)) {
      const say = (one: string | GroupRule) =>
        typeof one !== "string" ? one.group : field.kind === "set" ? to(one as "once") : one;
      return value.map(say).join(", ") || t("nothing");
    }
    if (typeof value === "object")
      return (
        Object.entries(value)
          .map(([country, amount]) => `${country} ${amount}`)
          .join(", ") || t("nothing")
      );
    return field.kind === "text" ? String(value) : to(String(value) as "once");
  };
}
