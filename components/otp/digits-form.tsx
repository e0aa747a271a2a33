"use client";

import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { digitsCount, toDigits } from "@/lib/otp/model";
import css from "./digits-form.module.css";
import { mainButton, Problem } from "./notice";
import { SubmitButton } from "./submit-button";

const toShown = (typed: string) => toDigits(typed).replace(/\D/g, "").slice(0, digitsCount);

interface OtpCredential {
  readonly code?: string;
}

/** What `DigitsForm` says, in the reader's language. */
interface DigitsWords {
  label: string;
  submit: string;
  incomplete: string;
}

/**
 * Six digits in one field that looks like six boxes: typed, pasted with whatever is between them, filled in by the system
 * or, where the browser reads texts of ours (WebOTP), by the text itself. Without scripts a plain form.
 */
export function DigitsForm({
  prove,
  attemptId,
  way,
  words,
  problem,
  isInvalid,
}: {
  prove: (form: FormData) => Promise<void>;
  attemptId: string;
  way: "text" | "call";
  words: DigitsWords;
  problem: string | null;
  /** Whether the problem is what was typed. */
  isInvalid: boolean;
}) {
  const [value, setValue] = useState("");
  const [incomplete, setIncomplete] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  // What was typed before this script arrived.
  useLayoutEffect(() => setValue(toShown(input.current?.value ?? "")), []);

  useEffect(() => {
    if (way !== "text" || !("OTPCredential" in window)) return;
    const waiting = new AbortController();
    const wanted = { otp: { transport: ["sms"] }, signal: waiting.signal } as CredentialRequestOptions;
    navigator.credentials.get(wanted).then(
      (credential) => {
        const { code } = (credential ?? {}) as OtpCredential;
        if (code !== undefined) setValue(toShown(code));
      },
      () => undefined,
    );
    return () => waiting.abort();
  }, [way]);

  const said = incomplete ? words.incomplete : problem;
  return (
    <form
      action={prove}
      className="mt-7 flex flex-col gap-4"
      onSubmit={(event) => {
        if (value.length === digitsCount) return;
        event.preventDefault();
        setIncomplete(true);
        input.current?.focus();
      }}
    >
      <input type="hidden" name="attempt" value={attemptId} />
      <input type="hidden" name="way" value={way} />
      <label htmlFor="digits" className="sr-only">
        {words.label}
      </label>
      <div className={css.boxes} dir="ltr">
        {Array.from({ length: digitsCount }, (_, box) => (
          <span
            key={box}
            aria-hidden="true"
            className={css.box}
            data-next={box === Math.min(value.length, digitsCount - 1) || undefined}
          />
        ))}
        <span className={`font-mono ${css.window}`}>
          <input
            ref={input}
            id="digits"
            name="digits"
            type="text"
            inputMode="numeric"
            autoComplete="one-time-code"
            // biome-ignore lint/a11y/noAutofocus: the page asks for nothing else
            autoFocus
            maxLength={32}
            value={value}
            onChange={(event) => {
              setValue(toShown(event.target.value));
              setIncomplete(false);
            }}
            aria-invalid={incomplete || isInvalid || undefined}
            aria-describedby={said === null ? undefined : "digits-problem"}
            className={css.input}
          />
        </span>
      </div>
      {said !== null && <Problem id="digits-problem">{said}</Problem>}
      <SubmitButton className={mainButton}>{words.submit}</SubmitButton>
    </form>
  );
}
