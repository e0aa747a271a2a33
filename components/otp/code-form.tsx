"use client";

import { useLayoutEffect, useRef, useState } from "react";
import { parseCode } from "@/lib/codes/format";
import { digitsCount, toDigits } from "@/lib/otp/model";
import { bigField, mainButton, Problem } from "./notice";
import { SubmitButton } from "./submit-button";
import { codeLengthMax, inGroups, toPlainCode } from "./typed";

/** What `CodeForm` says, in the reader's language. */
interface CodeWords {
  label: string;
  hint: string;
  submit: string;
  empty: string;
  mistyped: string;
}

/** What was typed last, by attempt: the page is made anew with each answer, and nobody should type a code twice. */
let kept: { attemptId: string; typed: string } | undefined;

const isDigits = (typed: string) => new RegExp(`^\\d{${digitsCount}}$`).test(toDigits(typed));

/**
 * An access code in one field that shows it in groups as it is typed and sees slips of the finger by itself, before anything
 * is sent. What was typed stays. Without scripts a plain form, and the server says the same.
 */
export function CodeForm({
  prove,
  attemptId,
  words,
  problem,
}: {
  prove: (form: FormData) => Promise<void>;
  attemptId: string;
  words: CodeWords;
  problem: string | null;
}) {
  const [value, setValue] = useState(() => (kept?.attemptId === attemptId ? kept.typed : ""));
  const [slip, setSlip] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);

  // What was typed before this script arrived.
  useLayoutEffect(() => {
    const typed = input.current?.value ?? "";
    if (typed !== "") setValue(inGroups(typed));
  }, []);

  const said = slip ?? problem;
  return (
    <form
      action={prove}
      className="mt-7 flex flex-col gap-4"
      onSubmit={(event) => {
        const plain = toPlainCode(value);
        const found =
          plain.trim() === ""
            ? words.empty
            : parseCode(plain).kind === "mistyped" && !isDigits(plain)
              ? words.mistyped
              : null;
        setSlip(found);
        kept = { attemptId, typed: value };
        if (found === null) return;
        event.preventDefault();
        input.current?.focus();
      }}
    >
      <input type="hidden" name="attempt" value={attemptId} />
      <div className="flex flex-col gap-2">
        <label htmlFor="code" className="font-medium">
          {words.label}
        </label>
        <input
          ref={input}
          id="code"
          name="code"
          type="text"
          dir="ltr"
          autoComplete="off"
          autoCapitalize="characters"
          autoCorrect="off"
          spellCheck={false}
          // biome-ignore lint/a11y/noAutofocus: the page asks for nothing else
          autoFocus
          maxLength={codeLengthMax}
          value={value}
          onChange={({ target }) => {
            const atEnd = target.selectionStart === target.value.length;
            setValue(atEnd ? inGroups(target.value) : target.value);
            setSlip(null);
          }}
          onBlur={() => setValue(inGroups)}
          aria-invalid={said !== null || undefined}
          aria-describedby={said === null ? "code-hint" : "code-problem code-hint"}
          className={`${bigField} font-mono font-semibold ${value.length > 20 ? "px-3 text-base" : "text-[1.375rem] tracking-wide"}`}
        />
        <p id="code-hint" className="text-ink-soft leading-6">
          {words.hint}
        </p>
      </div>
      {said !== null && <Problem id="code-problem">{said}</Problem>}
      <SubmitButton className={mainButton}>{words.submit}</SubmitButton>
    </form>
  );
}
