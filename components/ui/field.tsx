import type { ComponentProps, ReactNode } from "react";

const control =
  "w-full rounded-md border border-line-field bg-surface px-2.5 text-ink text-sm disabled:cursor-not-allowed disabled:bg-sunken disabled:text-ink-soft aria-invalid:border-danger aria-invalid:outline-danger";

interface About {
  /** The id of the control; label, hint and error hang on it. */
  id: string;
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  /** Said after the label, for what may stay empty. */
  optional?: ReactNode;
}

function describe({ id, hint, error }: About) {
  const ids = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return { id, "aria-describedby": ids || undefined, "aria-invalid": error ? true : undefined };
}

/** Label, hint and error around a control of one's own, which must carry the id. */
function Field({
  id,
  label,
  hint,
  error,
  optional,
  children,
  className = "",
}: About & { children: ReactNode; className?: string | undefined }) {
  return (
    <div className={`flex min-w-0 flex-col gap-1 ${className}`}>
      <label htmlFor={id} className="font-medium text-xs">
        {label}
        {optional && <span className="font-normal text-ink-soft"> {optional}</span>}
      </label>
      {children}
      {hint && (
        <p id={`${id}-hint`} className="text-ink-soft text-xs">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="font-medium text-danger text-xs">
          {error}
        </p>
      )}
    </div>
  );
}

type Own = About & { className?: string | undefined };

/** A line of text to type, with label, hint and error; `mono` where its signs are compared one by one. */
export function TextField({
  id,
  label,
  hint,
  error,
  optional,
  className,
  mono = false,
  ...rest
}: Own & ComponentProps<"input"> & { mono?: boolean }) {
  const about = { id, label, hint, error, optional };
  return (
    <Field {...about} className={className}>
      <input {...describe(about)} className={`${control} h-9 ${mono ? "font-mono" : ""}`} {...rest} />
    </Field>
  );
}

/** Lines of text to type or paste, with label, hint and error; `mono` where its signs are compared one by one. */
export function TextAreaField({
  id,
  label,
  hint,
  error,
  optional,
  className,
  mono = false,
  ...rest
}: Own & ComponentProps<"textarea"> & { mono?: boolean }) {
  const about = { id, label, hint, error, optional };
  return (
    <Field {...about} className={className}>
      <textarea
        {...describe(about)}
        className={`${control} py-2 ${mono ? "font-mono text-xs" : ""}`}
        {...rest}
      />
    </Field>
  );
}

/** One of a few, the system's own list: `options` are `[value, words]`. */
export function SelectField({
  id,
  label,
  hint,
  error,
  optional,
  className,
  options,
  ...rest
}: Own & ComponentProps<"select"> & { options: readonly (readonly [value: string, words: string])[] }) {
  const about = { id, label, hint, error, optional };
  return (
    <Field {...about} className={className}>
      <select {...describe(about)} className={`${control} h-9 pr-8`} {...rest}>
        {options.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </Field>
  );
}

/** A yes or no. */
export function CheckboxField({
  id,
  label,
  hint,
  error,
  className = "",
  ...rest
}: Own & Omit<ComponentProps<"input">, "type">) {
  const about = { id, label, hint, error };
  return (
    <div className={`flex items-start gap-2.5 ${className}`}>
      <input type="checkbox" {...describe(about)} className="mt-0.5 size-4 shrink-0" {...rest} />
      <div className="min-w-0">
        <label htmlFor={id} className="text-sm">
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="text-ink-soft text-xs">
            {hint}
          </p>
        )}
        {error && (
          <p id={`${id}-error`} className="font-medium text-danger text-xs">
            {error}
          </p>
        )}
      </div>
    </div>
  );
}
