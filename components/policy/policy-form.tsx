"use client";

import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useLoss } from "@/components/shell/leaving";
import { RefusalNotice } from "@/components/staff/refusal-notice";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { showToast } from "@/components/ui/toast";
import type { Refusal } from "@/lib/platform/outcome";
import type { ChangePolicyResult } from "@/lib/policy/change";
import type { Policy } from "@/lib/policy/model";
import type { DoorRefusal } from "@/lib/staff/outcome";
import { PolicyFieldRow } from "./field";
import { type Bounds, getAt, listPolicyPaths, policySections, setAt } from "./sections";

type Refused = Exclude<ChangePolicyResult, { ok: true }> | DoorRefusal | Refusal<"no_answer">;

/** The policy in force, and for who may the way to another: what changes is marked, nothing changes before it is said so, and it isn't lost unasked. */
export function PolicyForm({
  version,
  policy,
  bounds,
  change,
}: {
  version: number;
  policy: Policy;
  bounds: Bounds;
  /** null: the reader may not change it. */
  change:
    | ((input: { expectedVersion: number; policy: Policy }) => Promise<ChangePolicyResult | DoorRefusal>)
    | null;
}) {
  const t = useTranslations("policy");
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState(policy);
  const [edition, setEdition] = useState(0);
  const [busy, setBusy] = useState(false);
  const [isInForce, setIsInForce] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const words = (refusal: Exclude<Refused, Refusal<"step_up_needed">>) =>
    t(`refused.${refusal.reason}`, {
      id: "requestId" in refusal ? refusal.requestId : "",
      country: "country" in refusal ? refusal.country : "",
    });

  const changed = listPolicyPaths().filter(
    (path) => JSON.stringify(getAt(draft, path)) !== JSON.stringify(getAt(policy, path)),
  );
  const discard = () => {
    setDraft(policy);
    setEdition((was) => was + 1);
    setRefused(null);
  };
  useLoss("policy", change !== null && changed.length > 0 && !isInForce, discard);
  const save = async () => {
    if (change === null || busy || !form.current?.reportValidity()) return;
    setBusy(true);
    setRefused(null);
    try {
      const result = await change({ expectedVersion: version, policy: draft });
      if (result.ok) {
        setIsInForce(true);
        void showToast(t("done"));
        router.refresh();
      } else setRefused(result);
    } catch {
      setRefused({ ok: false, reason: "no_answer" });
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      ref={form}
      key={edition}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <fieldset disabled={change === null} className="flex min-w-0 flex-col gap-4">
        <legend className="sr-only">{t("title")}</legend>
        {policySections.map(({ name, fields }) => (
          <Card key={name} titleId={`section-${name}`} title={t(`section.${name}`)}>
            <div className="divide-y">
              {fields.map((field) => (
                <PolicyFieldRow
                  key={field.path}
                  field={field}
                  value={getAt(draft, field.path)}
                  before={getAt(policy, field.path)}
                  bounds={bounds[field.path]}
                  onChange={(value) => setDraft((was) => setAt(was, field.path, value))}
                />
              ))}
            </div>
          </Card>
        ))}
      </fieldset>
      {change !== null && changed.length > 0 && (
        <div className="sticky bottom-3 z-10 mt-4 rounded-xl border bg-surface p-3 shadow-lg">
          {refused !== null && (
            <div className="mb-3">
              <RefusalNotice
                refusal={refused}
                words={words}
                actions={
                  refused.reason === "changed_meanwhile" ? (
                    <Button
                      size="sm"
                      onClick={() => {
                        router.refresh();
                        setRefused(null);
                      }}
                    >
                      {t("loadNewest")}
                    </Button>
                  ) : undefined
                }
              />
            </div>
          )}
          <div className="flex flex-wrap items-center justify-between gap-3">
            <p role="status" className="font-medium">
              {t("changes", { count: changed.length })}
            </p>
            <div className="flex gap-2">
              <Button onClick={discard}>{t("discard")}</Button>
              <Button type="submit" variant="primary" busy={busy}>
                {t("putInForce")}
              </Button>
            </div>
          </div>
        </div>
      )}
    </form>
  );
}
