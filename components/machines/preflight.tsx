"use client";

import Link from "next/link";
import { Suspense, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { useNow } from "@/components/i18n/time";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { fetchLater } from "@/components/ui/fetch-later";
import { EmptyState, Notice } from "@/components/ui/state";
import { showToast } from "@/components/ui/toast";
import type { Plain } from "@/components/users/call-view";
import { UserPicker } from "@/components/users/user-picker";
import type { MachineDetails, MachineUserView } from "@/lib/machines/read-store";
import type { PreviewedUser } from "@/lib/offline/preview-machine";
import { type RefusedAct, useMachineWords } from "./words";

const ActDialog = fetchLater(() => import("./act-dialog"));

/** Puts a user on a machine, or takes one off. */
export type Assign = (input: { machineId: string; userId: string }) => Promise<{ ok: true } | RefusedAct>;

type Judged = Plain<PreviewedUser>;

/**
 * Who is on a machine, and whether a code that is issued now would open it for each, were its network gone: until when, with how
 * many further ones, or why not and what to do. `why`: why the reader may not change who is on it.
 */
export function Preflight({
  machine,
  judged,
  why,
  assign,
  unassign,
  onChanged,
}: {
  machine: MachineDetails;
  judged: readonly Judged[];
  why: string | null;
  assign: Assign;
  unassign: Assign;
  onChanged: () => void;
}) {
  const t = useTranslations("machines.preflight");
  const remove = useTranslations("machines.remove");
  const words = useMachineWords();
  const [leaving, setLeaving] = useState<MachineUserView | null>(null);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<RefusedAct | null>(null);
  const { people } = machine;
  const add = async ({ id, displayName }: { id: string; displayName: string }) => {
    setBusy(true);
    setRefused(null);
    const result = await assign({ machineId: machine.id, userId: id }).catch(
      (): RefusedAct => ({ ok: false, reason: "no_answer" }),
    );
    setBusy(false);
    if (result.ok) void showToast(t("added", { name: displayName }));
    else setRefused(result);
    onChanged();
  };
  return (
    <Card titleId="preflight-title" title={t("title")}>
      {people.length === 0 ? (
        <EmptyState title={t("nobody.title")}>{t("nobody.hint")}</EmptyState>
      ) : (
        <>
          <p className="px-4 pt-3 text-ink-soft text-xs">{t("about", { name: machine.name })}</p>
          <ul className="divide-y">
            {people.map((person) => (
              <Person
                key={person.userId}
                person={person}
                judged={judged.find(({ userId }) => userId === person.userId)}
                why={why}
                onRemove={() => setLeaving(person)}
              />
            ))}
          </ul>
          <PackageLeft machine={machine} />
          {judged.length < people.length && (
            <p className="border-t px-4 py-2.5 text-ink-soft text-xs">
              {t("more", { shown: judged.length, count: machine.users })}
            </p>
          )}
        </>
      )}
      <div className="border-t bg-sunken/40 px-4 py-3">
        {refused !== null && (
          <div className="mb-3">
            <Notice tone="danger" alert title={words(refused)} />
          </div>
        )}
        {why === null ? (
          <div className="max-w-md">
            <UserPicker
              id="put-on"
              label={t("add")}
              hint={t("addHint")}
              without={people.map(({ userId }) => userId)}
              busy={busy}
              onPick={(user) => void add(user)}
            />
          </div>
        ) : (
          <p id="people-why" className="text-ink-soft text-xs">
            {t("add")}: {why}
          </p>
        )}
      </div>
      {leaving !== null && (
        <Suspense fallback={null}>
          <ActDialog
            title={remove("title", { name: leaving.displayName, machine: machine.name })}
            description={remove("about")}
            act={t("remove")}
            danger
            onClose={() => setLeaving(null)}
            onAct={async () => {
              const result = await unassign({ machineId: machine.id, userId: leaving.userId });
              if (result.ok) void showToast(t("removed", { name: leaving.displayName }));
              onChanged();
              return result;
            }}
          />
        </Suspense>
      )}
    </Card>
  );
}

function Person({
  person,
  judged,
  why,
  onRemove,
}: {
  person: MachineUserView;
  judged: Judged | undefined;
  why: string | null;
  onRemove: () => void;
}) {
  const t = useTranslations("machines.preflight");
  const { formats } = useReader();
  const now = useNow(60_000);
  return (
    <li className="grid items-center gap-x-5 gap-y-2 px-4 py-3 sm:grid-cols-[minmax(0,11rem)_minmax(0,1fr)_auto]">
      <div className="min-w-0">
        <Link
          href={`/users/${person.userId}`}
          prefetch={false}
          className="block truncate font-medium hover:underline"
        >
          {person.displayName}
        </Link>
        <span className="block truncate text-ink-soft text-xs">
          {person.login} · {t(`source.${person.source}`)}
        </span>
        {person.isDisabled && <Badge tone="warn">{t("disabled")}</Badge>}
      </div>
      {judged === undefined ? (
        <span className="text-ink-soft text-xs">
          {t("leftNow", { count: person.once + person.reusable })}
        </span>
      ) : (
        <div className="min-w-0">
          <p className="flex flex-wrap items-baseline gap-x-2">
            <span
              aria-hidden="true"
              className={`self-center rounded-full ${
                judged.works ? "size-2.5 bg-ok" : "size-2.5 border-2 border-danger"
              }`}
            />
            {judged.works && judged.until !== null ? (
              <>
                <strong className="font-semibold text-ok">
                  {t("yes", { at: formats.moment(new Date(judged.until), new Date(now)) })}
                </strong>
                <span className="text-ink-soft text-xs">{t("left", { count: judged.leftAfter ?? 0 })}</span>
              </>
            ) : (
              <>
                <strong className="font-semibold text-danger">{t("no")}</strong>
                <span>{t(`why.${judged.why ?? "no_slot"}`)}</span>
              </>
            )}
          </p>
          {judged.works ? (
            <Marks count={judged.openLeft} />
          ) : (
            <p className="mt-0.5 text-ink-soft text-xs">{t(`todo.${judged.why ?? "no_slot"}`)}</p>
          )}
        </div>
      )}
      <Button
        size="sm"
        variant="quiet"
        className="justify-self-start"
        aria-label={t("removeOf", { name: person.displayName })}
        aria-disabled={why === null ? undefined : true}
        aria-describedby={why === null ? undefined : "people-why"}
        onClick={() => {
          if (why === null) onRemove();
        }}
      >
        {t("remove")}
      </Button>
    </li>
  );
}

/** The codes that a machine is ready for, one mark each. The words beside it say the same. */
function Marks({ count }: { count: number }) {
  return (
    <span aria-hidden="true" className="mt-1.5 flex gap-1">
      {Array.from({ length: Math.max(count, 2) }, (_, index) => (
        <span
          key={`${index < count}-${index}`}
          className={`h-2 w-7 rounded-full ${index < count ? "bg-ok" : "border border-line-field"}`}
        />
      ))}
    </span>
  );
}

/** How much is left of the time in which the machine can do without a sync: it empties. */
function PackageLeft({ machine }: { machine: MachineDetails }) {
  const t = useTranslations("machines.preflight");
  const { formats } = useReader();
  const now = useNow(60_000);
  if (machine.storedAt === null || machine.storedNotAfter === null) return null;
  const [from, until] = [Date.parse(machine.storedAt), Date.parse(machine.storedNotAfter)];
  if (until <= now) return null;
  const share = Math.min(100, ((until - now) / Math.max(1, until - from)) * 100);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5 border-t px-4 py-2.5 text-xs">
      <span className="text-ink-soft">
        {t("packageLeft", {
          at: formats.moment(new Date(until), new Date(now)),
          left: formats.span((until - now) / 1000),
        })}
      </span>
      <div aria-hidden="true" className="h-1.5 min-w-24 flex-1 overflow-hidden rounded-full bg-sunken">
        <div className="h-full rounded-full bg-accent" style={{ width: `${share}%` }} />
      </div>
    </div>
  );
}
