"use client";

import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Button } from "@/components/ui/button";
import type { Bounds, PolicyField } from "./sections";
import { type GroupRule, isSpanField, usePolicyValues, usePolicyWords } from "./words";

const control =
  "rounded-md border border-line-field bg-surface px-2.5 text-sm disabled:border-line disabled:bg-transparent disabled:text-ink user-invalid:border-danger user-invalid:outline-danger";
const units = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
] as const;

interface Control<Value> {
  id: string;
  name: string;
  describedBy: string;
  value: Value;
  onChange: (value: Value) => void;
}

function SpanInput({
  id,
  describedBy,
  value,
  onChange,
  bounds,
  name,
}: Control<number> & { bounds: Bounds[string] | undefined }) {
  const t = useTranslations("policy");
  const [unit, setUnit] = useState(() => units.find(([, seconds]) => value % seconds === 0)?.[1] ?? 1);
  const shown = units.find(([, seconds]) => seconds === unit && value % seconds === 0)?.[1] ?? 1;
  return (
    <span className="flex gap-1.5">
      <input
        id={id}
        type="number"
        required
        className={`${control} h-9 w-24 tabular-nums`}
        aria-describedby={describedBy}
        min={bounds === undefined ? undefined : Math.ceil(bounds.min / shown)}
        max={bounds === undefined ? undefined : Math.floor(bounds.max / shown)}
        value={Number.isNaN(value) ? "" : value / shown}
        onChange={(event) => onChange(event.target.valueAsNumber * shown)}
      />
      <select
        aria-label={t("unitOf", { name })}
        className={`${control} h-9 w-20`}
        value={shown}
        onChange={(event) => {
          const wanted = Number(event.target.value) as (typeof units)[number][1];
          onChange((value / shown) * wanted);
          setUnit(wanted);
        }}
      >
        {units.map(([name, seconds]) => (
          <option key={name} value={seconds}>
            {name}
          </option>
        ))}
      </select>
    </span>
  );
}

function NumberInput({
  id,
  describedBy,
  value,
  onChange,
  bounds,
  step,
}: Control<number> & { bounds: Bounds[string] | undefined; step: number | "any" }) {
  return (
    <input
      id={id}
      type="number"
      required
      step={step}
      className={`${control} h-9 w-24 tabular-nums`}
      aria-describedby={describedBy}
      min={bounds?.min}
      max={bounds?.max}
      value={Number.isNaN(value) ? "" : value}
      onChange={(event) => onChange(event.target.valueAsNumber)}
    />
  );
}

function LinesInput({ id, describedBy, value, onChange }: Control<readonly string[]>) {
  const [text, setText] = useState(value.join("\n"));
  return (
    <textarea
      id={id}
      rows={Math.min(8, Math.max(2, value.length + 1))}
      className={`${control} w-full max-w-sm py-1.5 font-mono text-xs`}
      aria-describedby={describedBy}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        onChange(
          event.target.value
            .split(/[\n,]/)
            .map((line) => line.trim())
            .filter(Boolean),
        );
      }}
    />
  );
}

function CostsInput({ id, describedBy, value, onChange }: Control<Readonly<Record<string, number>>>) {
  const [text, setText] = useState(
    Object.entries(value)
      .map(([country, amount]) => `${country} ${amount}`)
      .join("\n"),
  );
  return (
    <textarea
      id={id}
      rows={2}
      placeholder="DE 0.08"
      className={`${control} w-full max-w-sm py-1.5 font-mono text-xs`}
      aria-describedby={describedBy}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        onChange(
          Object.fromEntries(
            event.target.value
              .split("\n")
              .map((line) => /^\s*([A-Za-z]{2})\s+([\d.]+)\s*$/.exec(line))
              .flatMap((found) =>
                found === null ? [] : [[(found[1] ?? "").toUpperCase(), Number(found[2])]],
              ),
          ),
        );
      }}
    />
  );
}

function Choices({
  id,
  options,
  value,
  onChange,
}: {
  id: string;
  options: readonly string[];
  value: readonly string[];
  onChange: (value: string[]) => void;
}) {
  const t = useTranslations("policy.option");
  return (
    <span className="flex min-h-9 flex-wrap items-center gap-x-4 gap-y-1">
      {options.map((option) => (
        <label key={option} className="flex items-center gap-2">
          <input
            type="checkbox"
            id={`${id}-${option}`}
            className="size-4"
            checked={value.includes(option)}
            onChange={(event) =>
              onChange(
                options.filter((each) => (each === option ? event.target.checked : value.includes(each))),
              )
            }
          />
          {t(option as "once")}
        </label>
      ))}
    </span>
  );
}

function GroupRules({
  id,
  value,
  onChange,
}: {
  id: string;
  value: readonly GroupRule[];
  onChange: (value: GroupRule[]) => void;
}) {
  const t = useTranslations("policy");
  const change = (at: number, changed: Partial<GroupRule>) =>
    onChange(value.map((rule, i) => (i === at ? { ...rule, ...changed } : rule)));
  return (
    <div className="flex w-full flex-col gap-2">
      {value.map((rule, at) => (
        <div
          key={`${id}-${at}`}
          className="flex flex-wrap items-center gap-x-3 gap-y-1.5 rounded-lg border p-2.5"
        >
          <input
            aria-label={t("rule.group")}
            placeholder={t("rule.group")}
            required
            maxLength={200}
            className={`${control} h-8 w-44 font-mono text-xs`}
            value={rule.group}
            onChange={(event) => change(at, { group: event.target.value })}
          />
          <Choices
            id={`${id}-${at}`}
            options={["access_code", "sms", "voice"]}
            value={rule.methods}
            onChange={(methods) => change(at, { methods: methods as GroupRule["methods"] })}
          />
          <input
            aria-label={t("rule.because")}
            placeholder={t("rule.because")}
            required
            maxLength={300}
            className={`${control} h-8 min-w-40 flex-1 text-xs`}
            value={rule.because}
            onChange={(event) => change(at, { because: event.target.value })}
          />
          <Button size="sm" variant="quiet" onClick={() => onChange(value.filter((_, i) => i !== at))}>
            {t("rule.remove")}
          </Button>
        </div>
      ))}
      <Button
        size="sm"
        className="self-start"
        onClick={() => onChange([...value, { group: "", methods: ["sms"], because: "" }])}
      >
        {t("rule.add")}
      </Button>
    </div>
  );
}

/** One part of the policy: its name, what it does, its bounds, its value, and what it was before it was touched. */
export function PolicyFieldRow({
  field,
  value,
  before,
  bounds,
  onChange,
}: {
  field: PolicyField;
  value: unknown;
  before: unknown;
  bounds: Bounds[string] | undefined;
  onChange: (value: unknown) => void;
}) {
  const t = useTranslations("policy");
  const to = useTranslations("policy.option");
  const words = usePolicyWords();
  const say = usePolicyValues();
  const { formats } = useReader();
  const { path, kind } = field;
  const id = `policy-${path}`;
  const name = words(path, "label");
  const isChanged = JSON.stringify(value) !== JSON.stringify(before);
  const isSpan = isSpanField(field);
  const shared = { id, name, describedBy: `${id}-hint` };
  const isGroup = kind === "set" || kind === "groupRules";
  const Label = isGroup ? "span" : "label";
  return (
    <div
      {...(isGroup ? { role: "group", "aria-labelledby": `${id}-label` } : {})}
      className={`grid gap-x-8 gap-y-1.5 px-4 py-3 lg:grid-cols-[minmax(0,1fr)_minmax(0,24rem)] ${isChanged ? "bg-accent-soft/60" : ""}`}
    >
      <div className="min-w-0">
        <Label id={`${id}-label`} {...(isGroup ? {} : { htmlFor: id })} className="block font-medium">
          {name}
        </Label>
        <p id={`${id}-hint`} className="text-ink-soft text-xs">
          {words(path, "hint")}
          {bounds !== undefined && (
            <>
              {" "}
              <span className="whitespace-nowrap">
                {t("bounds", {
                  min: isSpan ? formats.span(bounds.min) : formats.number(bounds.min),
                  max: isSpan ? formats.span(bounds.max) : formats.number(bounds.max),
                })}
              </span>
            </>
          )}
        </p>
        {isChanged && (
          <p className="mt-0.5 font-medium text-accent text-xs">{t("was", { value: say(field, before) })}</p>
        )}
      </div>
      <div className="flex min-w-0 flex-wrap items-center gap-2">
        {kind === "span" && (
          <SpanInput {...shared} bounds={bounds} value={value as number} onChange={onChange} />
        )}
        {kind === "lockedSpan" && (
          <>
            <label className="flex min-h-9 items-center gap-2">
              <input
                type="checkbox"
                className="size-4"
                {...(value === null ? { id, "aria-describedby": shared.describedBy } : {})}
                checked={value !== null}
                onChange={(event) => onChange(event.target.checked ? 4 * 3600 : null)}
              />
              {t("locked")}
            </label>
            {value !== null && (
              <SpanInput {...shared} bounds={bounds} value={value as number} onChange={onChange} />
            )}
          </>
        )}
        {kind === "count" && (
          <NumberInput {...shared} bounds={bounds} step={1} value={value as number} onChange={onChange} />
        )}
        {kind === "money" && (
          <NumberInput {...shared} bounds={bounds} step="any" value={value as number} onChange={onChange} />
        )}
        {kind === "text" && (
          <input
            id={id}
            required
            pattern="[A-Z]{3}"
            maxLength={3}
            className={`${control} h-9 w-24 font-mono`}
            aria-describedby={shared.describedBy}
            value={value as string}
            onChange={(event) => onChange(event.target.value.toUpperCase())}
          />
        )}
        {(kind === "choice" || kind === "lockedChoice") && (
          <select
            id={id}
            className={`${control} h-9`}
            aria-describedby={shared.describedBy}
            value={(value as string | null) ?? ""}
            onChange={(event) => onChange(event.target.value || null)}
          >
            {kind === "lockedChoice" && <option value="">{t("notLocked")}</option>}
            {field.options.map((option) => (
              <option key={option} value={option}>
                {to(option as "once")}
              </option>
            ))}
          </select>
        )}
        {kind === "set" && (
          <Choices id={id} options={field.options} value={value as string[]} onChange={onChange} />
        )}
        {kind === "lines" && <LinesInput {...shared} value={value as string[]} onChange={onChange} />}
        {kind === "costs" && (
          <CostsInput {...shared} value={value as Record<string, number>} onChange={onChange} />
        )}
        {kind === "groupRules" && <GroupRules id={id} value={value as GroupRule[]} onChange={onChange} />}
      </div>
    </div>
  );
}
