"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { Suspense, useEffect, useEffectEvent, useRef, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { useNow } from "@/components/i18n/time";
import { readJson } from "@/components/read-json";
import { useLoss } from "@/components/shell/leaving";
import { useDoorWords } from "@/components/staff/words";
import { fetchLater } from "@/components/ui/fetch-later";
import { Notice } from "@/components/ui/state";
import { showToast } from "@/components/ui/toast";
import type { IssueGrantInput } from "@/lib/grants/input";
import type { Issued } from "@/lib/grants/issue";
import type { RevokeReason } from "@/lib/grants/model";
import type { Refusal } from "@/lib/platform/outcome";
import type { Method } from "@/lib/policy/model";
import { type DoorRefusal, isDoorRefusal } from "@/lib/staff/outcome";
import { Before } from "./before";
import { type CallView, type GrantView, type Plain, type PreviewView, toGiven } from "./call-view";
import { CodeCard, type ShownCode, shownSeconds } from "./code-card";
import { DeadCodes } from "./dead-codes";
import { type Draft, keepDraft, takeDraft } from "./draft";
import { makeFormId } from "./form-id";
import { GiveAccess, type Wish } from "./give-access";
import { HeldBack, type Unlock } from "./held-back";
import { LiveAccess } from "./live-access";
import { OnItsWay } from "./on-its-way";
import { type Problem, ProblemNotice } from "./problem-notice";
import { type IssueRefusal, type SendAgainRefusal, useSendAgainRefusal } from "./refusal";
import { SignedIn } from "./signed-in";
import { listLingering, WhereItLives } from "./where-it-lives";

const EndDialog = fetchLater(() => import("./end-dialog"));

/** While something moves the screen follows within this; else it looks now and then. */
const movingMs = 1_200;
const calmMs = 15_000;
/** What has not ended after this long is not waited for at every beat any more. */
const movingMsMax = 3 * 60_000;

type Ended = { ok: true } | Refusal<"already_ended" | "grant_not_found" | "user_not_found"> | DoorRefusal;

/** The acts of a call: server actions, as the page hands them in. */
export interface CallActs {
  issue: (input: IssueGrantInput) => Promise<({ ok: true } & Plain<Issued>) | IssueRefusal>;
  sendAgain: (input: { grantId: string }) => Promise<{ ok: true } | SendAgainRefusal>;
  revoke: (input: { grantId: string; reason: RevokeReason }) => Promise<Ended>;
  endAll: (input: { userId: string; reason: RevokeReason }) => Promise<Ended>;
  unlock: Unlock;
}

function isSending(call: CallView, now: number): boolean {
  return call.deliveries.some(
    ({ state, askedAt }) =>
      ["queued", "sending", "sent"].includes(state) && now - Date.parse(askedAt) < movingMsMax,
  );
}

/** Something is on its way, or will be: who was just given access is about to use it. */
function isMoving(call: CallView, now: number): boolean {
  return (
    isSending(call, now) ||
    call.live.some(({ createdAt }) => now - Date.parse(createdAt) < movingMsMax) ||
    call.reach.some(
      ({ endedAt, machines }) =>
        endedAt !== null &&
        now - Date.parse(endedAt) < movingMsMax &&
        machines.some(({ state }) => state === "may_work"),
    )
  );
}

/** Everything of one call that moves: access now, giving it, the code, what is on its way, what was before. */
export function Call({
  staffId,
  user,
  first,
  preview,
  otpUrl,
  acts,
}: {
  /** Who gives access. */
  staffId: string;
  user: {
    id: string;
    login: string;
    displayName: string;
    timeZone: string | null;
    phones: Partial<Record<Method, string>>;
  };
  first: CallView;
  /** Where a code would work without a network, as the form stands at first; null: no code is offered. */
  preview: PreviewView | null;
  /** Where the user gets back in. */
  otpUrl: string;
  acts: CallActs;
}) {
  const t = useTranslations("user");
  const { renderedAt } = useReader();
  const explainSendAgain = useSendAgainRefusal();
  const doorWords = useDoorWords();
  const queries = useQueryClient();
  const router = useRouter();
  const queryKey = ["call", user.id];
  const [shown, setShown] = useState<ShownCode | null>(null);
  const { data: call, isError } = useQuery({
    queryKey,
    queryFn: ({ signal }) => readJson<CallView>(`/api/users/${user.id}/call`, {}, signal),
    initialData: first,
    initialDataUpdatedAt: renderedAt,
    refetchInterval: ({ state }) =>
      shown !== null || (state.data && isMoving(state.data, Date.now())) ? movingMs : calmMs,
  });

  const formId = useRef(makeFormId());
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [ending, setEnding] = useState<GrantView | "all" | null>(null);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [hasGiven, setHasGiven] = useState(false);
  const author = () => ({ staffId, userId: user.id, now: Date.now() });
  const onMount = useEffectEvent(() => setDraft(takeDraft(sessionStorage, author())));
  useEffect(() => onMount(), []);

  /** What was given is said, and no Enter gives it once more. The form stays as it is: it is the same call. */
  const tellGiven = (method: Method) => {
    setHasGiven(true);
    document.getElementById("main")?.focus({ preventScroll: true });
    void showToast(t(`given.${method === "voice" ? "voice" : "sms"}`));
  };

  const putAway = () => {
    setShown(null);
    // The focus goes on only where it would get lost with the code.
    if (document.activeElement?.closest("[aria-labelledby='code-title']"))
      document.getElementById("main")?.focus({ preventScroll: true });
  };

  const refresh = () => {
    void queries.invalidateQueries({ queryKey: ["offline", user.id] });
    return queries.invalidateQueries({ queryKey });
  };

  const give = async (wish: Wish, replaces?: string) => {
    setBusy(true);
    setProblem(null);
    let isGiven = false;
    try {
      const live = call.live.find(({ method }) => method === wish.method);
      const result = await acts.issue({
        userId: user.id,
        ...wish,
        reasonNote: wish.reasonNote || undefined,
        ticket: wish.ticket || undefined,
        machineId: wish.machineId || undefined,
        sendNow: wish.method === "access_code" ? undefined : wish.sendNow,
        formId: formId.current,
        replaces: replaces ?? live?.id ?? null,
      });
      if (result.ok) {
        isGiven = true;
        formId.current = makeFormId();
        setHasGiven(true);
        queries.setQueryData<CallView>(queryKey, (known) => known && toGiven(known, result, user));
        if (result.code !== null)
          setShown({
            code: result.code,
            grantId: result.grant.id,
            uses: result.terms.uses,
            offline: result.offline,
            hidesAt: Date.now() + shownSeconds * 1000,
          });
        else tellGiven(wish.method);
      } else if (result.reason === "already_issued" && wish.method !== "access_code") {
        // The answer was lost, the access was not: there is nothing to show twice.
        formId.current = makeFormId();
        tellGiven(wish.method);
      } else {
        setProblem({ refusal: result, wish });
        // The head of the page is the server's, and doesn't know it yet.
        if (result.reason === "user_disabled") router.refresh();
      }
    } catch {
      setProblem({ noAnswer: true, wish });
    } finally {
      const refreshed = refresh();
      // The next one takes the place of this one, so it waits until the list knows of it.
      if (isGiven) await refreshed;
      setBusy(false);
    }
  };

  /** In place of the one whose code got lost, and of no other. */
  const makeNewOne = (wish: Wish, lostGrantId: string) => {
    formId.current = makeFormId();
    void give(wish, lostGrantId);
  };

  const sendAgain = async ({ id, method }: GrantView) => {
    setProblem(null);
    try {
      const result = await acts.sendAgain({ grantId: id });
      if (result.ok) void showToast(t(`again.done.${method === "voice" ? "voice" : "sms"}`));
      else setProblem({ said: explainSendAgain(result) });
    } catch {
      setProblem({ said: t("again.noAnswer") });
    } finally {
      void refresh();
    }
  };

  const end = async (reason: RevokeReason): Promise<string | null> => {
    if (ending === null) return null;
    try {
      const result =
        ending === "all"
          ? await acts.endAll({ userId: user.id, reason })
          : await acts.revoke({ grantId: ending.id, reason });
      if (!result.ok) {
        void refresh();
        return isDoorRefusal(result) ? doorWords(result) : t("end.refused");
      }
      // The focus goes back to what is there by then.
      await refresh();
    } catch {
      void refresh();
      return t("end.noAnswer");
    }
    if (ending === "all" || ending.id === shown?.grantId) setShown(null);
    void showToast(t(ending === "all" ? "end.doneAll" : "end.done"));
    return null;
  };

  const lingering = listLingering(call.reach, useNow());
  const shownGrant = call.live.find(({ id }) => id === shown?.grantId);
  const shownEnd = call.before.find(({ id }) => id === shown?.grantId);
  const ended =
    shownEnd === undefined || shownEnd.state === "live"
      ? null
      : {
          how: shownEnd.state,
          at: shownEnd.endedAt ?? shownEnd.expiresAt,
          why: shownEnd.endReason,
        };
  useLoss("code", shown !== null && ended === null, putAway);
  return (
    <div className="flex min-w-0 flex-col gap-4">
      {isError && <Notice tone="warn" title={t("stale")} />}
      {call.isIssuingStopped && <Notice tone="warn" title={t("refusal.issuing_stopped")} />}
      <DeadCodes tries={call.deadTries} />
      <HeldBack
        userId={user.id}
        locks={call.locks}
        unlock={call.mayUnlock ? acts.unlock : null}
        onDone={() => void refresh()}
      />
      {problem !== null && (
        <ProblemNotice
          problem={problem}
          userId={user.id}
          onDismiss={() => setProblem(null)}
          onGive={(wish, replaces) => void give(wish, replaces)}
          onNew={makeNewOne}
        />
      )}
      {shown !== null && (
        <CodeCard
          key={shown.grantId}
          shown={shown}
          ended={ended}
          userZone={user.timeZone}
          onHide={putAway}
          onKeep={() => setShown({ ...shown, hidesAt: Date.now() + shownSeconds * 1000 })}
          onRevoke={call.mayRevoke && shownGrant !== undefined ? () => setEnding(shownGrant) : null}
        />
      )}
      {call.live.length > 0 && (
        <LiveAccess
          live={call.live}
          reach={call.reach}
          userZone={user.timeZone}
          otpUrl={otpUrl}
          shownGrantId={shown?.grantId ?? null}
          sendable={call.offers.filter(({ offered }) => offered).map(({ method }) => method)}
          mayRevoke={call.mayRevoke}
          onSendAgain={sendAgain}
          onRevoke={setEnding}
          onEndAll={() => setEnding("all")}
        />
      )}
      {call.opened.length > 0 && (
        <SignedIn
          opened={call.opened}
          userZone={user.timeZone}
          onEndAll={call.mayRevoke && call.live.length === 0 ? () => setEnding("all") : null}
        />
      )}
      {lingering.length > 0 && <WhereItLives codes={lingering} />}
      <GiveAccess
        key={String(draft === null)}
        userId={user.id}
        preview={preview}
        offers={call.offers}
        live={call.live}
        phones={user.phones}
        busy={busy}
        hasFocus={shown === null}
        asksStepUp={problem === null}
        draft={draft}
        saysBack={!hasGiven}
        onDraft={(filled) => keepDraft(sessionStorage, author(), filled)}
        onWish={(wish) => void give(wish)}
      />
      <OnItsWay
        deliveries={call.deliveries}
        asksInVain={call.asksInVain}
        isMoving={isSending(call, renderedAt)}
      />
      <Before before={call.before} reach={call.reach} recentCount={call.recentCount} />
      {ending !== null && (
        <Suspense fallback={null}>
          <EndDialog
            open
            title={
              ending === "all"
                ? t("end.titleAll", { name: user.displayName })
                : t("end.title", { method: t(`give.methods.${ending.method}`) })
            }
            description={t(ending === "all" ? "end.aboutAll" : "end.about")}
            act={t(ending === "all" ? "end.actAll" : "end.act")}
            usual={ending === "all" ? "found" : null}
            onClose={() => setEnding(null)}
            onEnd={end}
          />
        </Suspense>
      )}
    </div>
  );
}
