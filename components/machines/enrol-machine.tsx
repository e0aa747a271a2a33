"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { useNow } from "@/components/i18n/time";
import { readJson } from "@/components/read-json";
import { RefusalNotice } from "@/components/staff/refusal-notice";
import { Badge } from "@/components/ui/badge";
import { Button, buttonClass } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/state";
import { type PickedUser, UserPicker } from "@/components/users/user-picker";
import type { MachineView } from "@/lib/machines/read-store";
import { machineNameSchema } from "@/lib/machines/wire";
import {
  daemonLines,
  debianLines,
  type Enrolment,
  enrolLines,
  exemptLines,
  fetchLines,
  rhelLines,
} from "./commands";
import type { MachineListPage } from "./machine-list";
import { ShellLines } from "./shell-lines";
import { type RefusedAct, useMachineWords } from "./words";

/** How often one looks whether the machine has come. */
const waitMs = 1_500;

interface Made {
  readonly token: string;
  readonly machine: string;
  readonly expiresAt: string;
  readonly users: number;
}

/** Makes an enrolment token. */
export type MakeToken = (input: {
  machine: string;
  users: string[];
}) => Promise<{ ok: true; token: string; machine: string; expiresAt: Date } | RefusedAct>;

/** The way of a machine into the house, in three steps: the token, the machine, the logon. */
export function EnrolMachine({
  source,
  makeToken,
}: {
  /** Where a machine gets what it needs; null: this server was built without the agent. */
  source: Pick<Enrolment, "server" | "path" | "files"> | null;
  makeToken: MakeToken;
}) {
  const t = useTranslations("machines.enrol");
  const [made, setMade] = useState<Made | null>(null);
  const machine = useArrival(made);
  const lines = made === null || source === null ? null : { ...made, ...source };
  return (
    <ol className="flex min-w-0 flex-col gap-4">
      <Step number={1} title={t("one")} done={made !== null}>
        {made === null ? (
          <TokenForm makeToken={makeToken} onMade={setMade} />
        ) : (
          <div className="flex flex-wrap items-center justify-between gap-3">
            <p>
              {t.rich("made", {
                count: made.users,
                machine: () => <strong className="font-mono font-semibold">{made.machine}</strong>,
              })}
            </p>
            <Button size="sm" onClick={() => setMade(null)}>
              {t("over")}
            </Button>
          </div>
        )}
      </Step>
      <Step
        number={2}
        title={t("two")}
        done={machine?.storedAt != null}
        later={made === null}
        aside={made !== null && machine === undefined && <Countdown until={made.expiresAt} />}
      >
        {made === null ? (
          <p className="text-ink-soft">{t("later")}</p>
        ) : (
          <div className="flex min-w-0 flex-col gap-4">
            <p className="text-ink-soft text-xs">{t("twoHint")}</p>
            {lines === null ? (
              <Notice tone="warn" title={t("noAgent")} />
            ) : (
              <>
                <ShellLines label={t("fetch")} lines={fetchLines(lines)} />
                <ShellLines label={t("enroll")} lines={enrolLines(lines)} />
              </>
            )}
            <Arrival name={made.machine} machine={machine} />
          </div>
        )}
      </Step>
      <Step number={3} title={t("three")} done={false} later={machine === undefined}>
        <div className="flex min-w-0 flex-col gap-4">
          <p className="text-ink-soft text-xs">{t("threeHint")}</p>
          <ShellLines label={t("daemon")} lines={daemonLines()} />
          <ShellLines label={t("exempt")} lines={exemptLines()} />
          <p className="max-w-prose text-xs">{t("pamHint")}</p>
          <ShellLines label={t("pam")} lines={debianLines()} />
          <details className="text-xs">
            <summary className="mb-2 cursor-pointer font-medium">{t("rhel")}</summary>
            <ShellLines label={t("rhelLines")} lines={rhelLines()} />
          </details>
        </div>
      </Step>
    </ol>
  );
}

function Step({
  number,
  title,
  done,
  later = false,
  aside,
  children,
}: {
  number: number;
  title: string;
  done: boolean;
  /** Whether its turn has not come. */
  later?: boolean;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <li>
      <Card
        titleId={`step-${number}`}
        title={
          <>
            <span
              aria-hidden="true"
              className={`inline-flex size-6 items-center justify-center rounded-full text-xs ${
                done ? "bg-ok-soft text-ok" : later ? "bg-sunken text-ink-soft" : "bg-accent text-on-accent"
              }`}
            >
              {done ? "✓" : number}
            </span>
            {title}
          </>
        }
        aside={aside}
      >
        <div className="p-4">{children}</div>
      </Card>
    </li>
  );
}

function TokenForm({ makeToken, onMade }: { makeToken: MakeToken; onMade: (made: Made) => void }) {
  const t = useTranslations("machines.enrol");
  const picker = useTranslations("ui.picker");
  const words = useMachineWords();
  const [users, setUsers] = useState<readonly PickedUser[]>([]);
  const [name, setName] = useState("");
  const [isBad, setBad] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<RefusedAct | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const machine = name.trim();
    if (!machineNameSchema.safeParse(machine).success) {
      setBad(true);
      document.getElementById("machine-name")?.focus();
      return;
    }
    setBusy(true);
    setRefused(null);
    const result = await makeToken({ machine, users: users.map(({ login }) => login) }).catch(
      (): RefusedAct => ({ ok: false, reason: "no_answer" }),
    );
    setBusy(false);
    if (result.ok)
      onMade({
        token: result.token,
        machine: result.machine,
        expiresAt: new Date(result.expiresAt).toISOString(),
        users: users.length,
      });
    else setRefused(result);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4" noValidate>
      <div className="grid gap-4 md:grid-cols-2">
        <TextField
          id="machine-name"
          label={t("machine")}
          hint={t("machineHint")}
          error={isBad ? t("machineBad") : undefined}
          maxLength={63}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          placeholder="LAPTOP-7"
          value={name}
          onChange={(event) => {
            setName(event.target.value);
            setBad(false);
          }}
        />
        <div className="flex min-w-0 flex-col gap-2">
          <UserPicker
            id="machine-users"
            label={t("users")}
            hint={t("usersHint")}
            without={users.map(({ id }) => id)}
            onPick={(user) => setUsers((was) => [...was, user])}
          />
          {users.length > 0 && (
            <ul className="flex flex-wrap gap-1.5">
              {users.map((user) => (
                <li
                  key={user.id}
                  className="inline-flex h-8 max-w-full items-center rounded-full border pl-3 text-xs"
                >
                  <span className="truncate">{user.displayName}</span>
                  <button
                    type="button"
                    aria-label={picker("take", { name: user.displayName })}
                    onClick={() => setUsers((was) => was.filter(({ id }) => id !== user.id))}
                    className="flex size-8 items-center justify-center rounded-full text-ink-soft hover:text-ink"
                  >
                    <span aria-hidden="true">×</span>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </div>
      </div>
      {refused !== null && (
        <RefusalNotice
          refusal={refused}
          words={words}
          actions={
            "machineId" in refused && (
              <Link href={`/machines/${String(refused.machineId)}`} className={buttonClass({ size: "sm" })}>
                {t("openIt", { name: name.trim() })}
              </Link>
            )
          }
        >
          {refused.reason === "already_enrolled" && t("alreadyHint")}
        </RefusalNotice>
      )}
      <div className="flex justify-end">
        <Button type="submit" variant="primary" busy={busy} data-command={t("make")}>
          {t("make")}
        </Button>
      </div>
    </form>
  );
}

function Countdown({ until }: { until: string }) {
  const t = useTranslations("machines.enrol");
  const now = useNow(1_000);
  const left = Math.max(0, Math.floor((Date.parse(until) - now) / 1000));
  if (left === 0) return <Badge tone="danger">{t("ended")}</Badge>;
  const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  return (
    <span className="tabular-nums" role="timer">
      <Badge tone={left < 60 ? "warn" : "accent"}>{t("left", { left: clock })}</Badge>
    </span>
  );
}

/** The machine of the token, once it has come. */
function useArrival(made: Made | null): MachineView | undefined {
  const { data } = useQuery({
    queryKey: ["machines", "arrival", made?.token.slice(0, 8)],
    queryFn: ({ signal }) => readJson<MachineListPage>("/api/machines", { query: made?.machine }, signal),
    enabled: made !== null,
    refetchInterval: ({ state }) =>
      made !== null && find(state.data, made)?.storedAt != null ? false : waitMs,
  });
  return made === null ? undefined : find(data, made);
}

const find = (page: MachineListPage | undefined, { machine }: Made) =>
  page?.machines.find(({ name }) => name.toLowerCase() === machine.toLowerCase());

function Arrival({ name, machine }: { name: string; machine: MachineView | undefined }) {
  const t = useTranslations("machines.enrol");
  const { formats } = useReader();
  const now = useNow();
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 border-t pt-4">
      <div role="status" className="min-w-0">
        {machine === undefined ? (
          <p className="flex items-center gap-2.5 text-ink-soft">
            <span
              aria-hidden="true"
              className="size-2 animate-pulse rounded-full bg-accent motion-reduce:animate-none"
            />
            {t("wait", { name })}
          </p>
        ) : (
          <>
            <p className="font-medium text-ok">✓ {t("enrolled", { name: machine.name })}</p>
            {machine.storedNotAfter === null ? (
              <p className="text-ink-soft text-xs">{t("first_no")}</p>
            ) : (
              <p className="text-ink-soft text-xs">
                {t("stored", { at: formats.moment(new Date(machine.storedNotAfter), new Date(now)) })}
              </p>
            )}
          </>
        )}
      </div>
      {machine !== undefined && (
        <Link
          href={`/machines/${machine.id}`}
          className={buttonClass({ variant: machine.storedAt === null ? "plain" : "primary" })}
        >
          {t("openIt", { name: machine.name })}
        </Link>
      )}
    </div>
  );
}
