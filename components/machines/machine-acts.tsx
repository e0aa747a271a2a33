"use client";

import { Suspense, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { fetchLater } from "@/components/ui/fetch-later";
import { TextField } from "@/components/ui/field";
import { showToast } from "@/components/ui/toast";
import type { Plain } from "@/components/users/call-view";
import type { MachineDetails } from "@/lib/machines/read-store";
import type { MachineCodes } from "@/lib/offline/read-machine-codes";
import type { RefusedAct } from "./words";

const ActDialog = fetchLater(() => import("./act-dialog"));

/** What happened to a machine that is revoked: these words go into the log, with what is added to them. */
export const losses = ["lost", "stolen"] as const;

/** The ends of a machine. */
export interface EndActs {
  release: (input: { machine: string }) => Promise<{ ok: true } | RefusedAct>;
  revoke: (input: {
    machineId: string;
    reason: string;
  }) => Promise<{ ok: true; codesRevoked: readonly unknown[] } | RefusedAct>;
}

/** The two ways in which a machine ends, and what each means. `why`: why the reader may do neither. */
export function MachineActs({
  machine,
  held,
  acts,
  why,
  onDone,
}: {
  machine: MachineDetails;
  held: Plain<MachineCodes>;
  acts: EndActs;
  why: string | null;
  onDone: () => void;
}) {
  const t = useTranslations("machines.acts");
  const [asking, setAsking] = useState<"release" | "revoke" | null>(null);
  const release = async () => {
    const result = await acts.release({ machine: machine.name });
    if (result.ok) void showToast(t("released"));
    onDone();
    return result;
  };
  const revoke = async (form: FormData) => {
    const note = String(form.get("note") ?? "").trim();
    const what = String(form.get("what") ?? losses[0]);
    const result = await acts.revoke({
      machineId: machine.id,
      reason: note === "" ? what : `${what}: ${note}`,
    });
    if (result.ok) void showToast(t("revoked", { codes: result.codesRevoked.length }));
    onDone();
    return result;
  };
  const button = (act: "release" | "revoke", isOpen: boolean) => (
    <div className="border-b px-4 py-3 last:border-b-0">
      <Button
        variant={act === "revoke" ? "danger" : "plain"}
        size="sm"
        aria-describedby={`${act}-hint`}
        aria-disabled={why === null && isOpen ? undefined : true}
        data-command={why === null && isOpen ? t(act) : undefined}
        onClick={() => {
          if (why === null && isOpen) setAsking(act);
        }}
      >
        {t(act)}
      </Button>
      <p id={`${act}-hint`} className="mt-1.5 text-ink-soft text-xs">
        {why ?? (isOpen ? t(`${act}Hint`) : t("alreadyEnded"))}
      </p>
    </div>
  );
  return (
    <Card titleId="acts-title" title={t("title")}>
      {button("release", machine.endedAs === null)}
      {button("revoke", machine.endedAs !== "revoked")}
      {machine.endedAs === null && <p className="px-4 py-3 text-ink-soft text-xs">{t("again")}</p>}
      {asking !== null && (
        <Suspense fallback={null}>
          {asking === "release" ? (
            <ActDialog
              title={t("releaseTitle", { name: machine.name })}
              description={t("releaseAbout")}
              act={t("release")}
              danger={false}
              onClose={() => setAsking(null)}
              onAct={release}
            >
              <Stays machine={machine} />
            </ActDialog>
          ) : (
            <ActDialog
              title={t("revokeTitle", { name: machine.name })}
              description={t("revokeHint")}
              act={t("revokeAct")}
              danger
              onClose={() => setAsking(null)}
              onAct={revoke}
            >
              <fieldset>
                <legend className="mb-1.5 font-medium text-xs">{t("what")}</legend>
                <div className="flex flex-wrap gap-x-6 gap-y-1.5">
                  {losses.map((each) => (
                    <label key={each} className="flex items-center gap-2.5">
                      <input
                        type="radio"
                        name="what"
                        value={each}
                        defaultChecked={each === losses[0]}
                        className="size-4"
                      />
                      {t(`whats.${each}`)}
                    </label>
                  ))}
                </div>
              </fieldset>
              <NoteField />
              <Dies held={held} />
              <Stays machine={machine} />
            </ActDialog>
          )}
        </Suspense>
      )}
    </Card>
  );
}

function NoteField() {
  const t = useTranslations("machines.acts");
  const tu = useTranslations("ui");
  return (
    <TextField
      id="revoke-note"
      name="note"
      label={t("note")}
      optional={tu("optional")}
      maxLength={250}
      autoComplete="off"
    />
  );
}

function Dies({ held }: { held: Plain<MachineCodes> }) {
  const t = useTranslations("machines.acts");
  const live = held.codes.filter(({ endedAs, state }) => endedAs === null && state === "may_work");
  return (
    <div className="rounded-lg bg-danger-soft px-3.5 py-2.5">
      <p className="font-medium text-danger">{t("dies")}</p>
      <ul className="mt-1 list-disc pl-5">
        <li>{t("diesSlots", { count: held.openSlots })}</li>
        <li>
          {t("diesCodes", { count: live.length })} {live.map(({ user }) => user.displayName).join(", ")}
        </li>
        <li>{t("diesOthers")}</li>
      </ul>
    </div>
  );
}

function Stays({ machine }: { machine: MachineDetails }) {
  const t = useTranslations("machines.acts");
  const { formats, renderedAt } = useReader();
  const end = machine.holdsUntil;
  return (
    <p className="text-ink-soft text-xs">
      {end === null || Date.parse(end) <= renderedAt
        ? t("staysNothing")
        : t("stays", { at: formats.moment(new Date(end), new Date(renderedAt)) })}
    </p>
  );
}
