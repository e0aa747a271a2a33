"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { useDoorWords } from "@/components/staff/words";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/state";
import { showToast } from "@/components/ui/toast";
import type { ChangePhoneResult } from "@/lib/delivery/change-phone";
import type { ChangePhoneInput } from "@/lib/delivery/input";
import { type DoorRefusal, isDoorRefusal } from "@/lib/staff/outcome";

const channels = ["sms", "voice"] as const;
type Channel = (typeof channels)[number];

/** Why the number could not be changed: what to say, and whether it is about what was typed. */
interface Refused {
  words: string;
  isAboutNumber: boolean;
}

/**
 * Opens the form that sets a user's number, or takes it away. `why`: the reason why the reader can't, said beside the button.
 * `phones`: the numbers that stand there now.
 */
export function ChangePhone({
  userId,
  phones,
  why,
  change,
}: {
  userId: string;
  phones: Partial<Record<Channel, string>>;
  why: string | null;
  change: (input: ChangePhoneInput) => Promise<ChangePhoneResult | DoorRefusal>;
}) {
  const t = useTranslations("user.phone");
  const ui = useTranslations("ui");
  const doorWords = useDoorWords();
  const { formats } = useReader();
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [channel, setChannel] = useState<Channel>("sms");
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState<"set" | "remove" | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const current = phones[channel];

  const onOpenChange = (next: boolean) => {
    setOpen(next);
    setTyped("");
    setRefused(null);
  };
  const put = async (number: string | null) => {
    if (busy !== null) return;
    setBusy(number === null ? "remove" : "set");
    setRefused(null);
    try {
      const result = await change({ userId, channel, number });
      if (result.ok) {
        onOpenChange(false);
        void showToast(
          result.heldUntil === null
            ? t("removed")
            : t("changed", { until: formats.moment(result.heldUntil, new Date()) }),
        );
        router.refresh();
      } else if (isDoorRefusal(result)) {
        setRefused({ words: doorWords(result), isAboutNumber: false });
      } else {
        const isAboutNumber = !["user_not_found", "yourself"].includes(result.reason);
        setRefused({ words: t(`refusal.${result.reason}`), isAboutNumber });
      }
    } catch {
      setRefused({ words: t("noAnswer"), isAboutNumber: false });
    } finally {
      setBusy(null);
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void put(typed.trim());
  };

  return (
    <>
      <Button
        size="sm"
        aria-disabled={why === null ? undefined : true}
        aria-describedby={why === null ? undefined : "change-phone-why"}
        data-command={t("title")}
        onClick={() => {
          if (why === null) onOpenChange(true);
        }}
      >
        {t("open")}
      </Button>
      {why !== null && (
        <p id="change-phone-why" className="mt-1.5 text-ink-soft text-xs">
          {why}
        </p>
      )}
      <Dialog open={open} onOpenChange={onOpenChange} title={t("title")} description={t("hold")}>
        <form onSubmit={onSubmit} className="flex flex-col gap-4">
          <fieldset className="flex flex-wrap gap-x-6 gap-y-1.5">
            <legend className="mb-1.5 font-medium text-xs">{t("which")}</legend>
            {channels.map((each) => (
              <label key={each} className="flex items-center gap-2.5">
                <input
                  type="radio"
                  name="phone-channel"
                  className="size-4"
                  checked={each === channel}
                  onChange={() => {
                    setChannel(each);
                    setRefused(null);
                  }}
                />
                {t(`channel.${each}`)}
              </label>
            ))}
          </fieldset>
          <p className="text-ink-soft">
            {t("now")} <span className="font-mono text-ink text-xs">{current ?? t("none")}</span>
          </p>
          <TextField
            id="phone-number"
            type="tel"
            inputMode="tel"
            autoComplete="off"
            label={t("number")}
            hint={t("numberHint")}
            error={refused?.isAboutNumber ? refused.words : undefined}
            maxLength={60}
            required
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          {refused !== null && !refused.isAboutNumber && <Notice tone="danger" alert title={refused.words} />}
          <div className="flex flex-wrap justify-end gap-2">
            {current !== undefined && (
              <Button
                variant="danger"
                className="mr-auto"
                busy={busy === "remove"}
                onClick={() => void put(null)}
              >
                {t("remove")}
              </Button>
            )}
            <Button onClick={() => onOpenChange(false)}>{ui("cancel")}</Button>
            <Button type="submit" variant="primary" busy={busy === "set"}>
              {t("set")}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
