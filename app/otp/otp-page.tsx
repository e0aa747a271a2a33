import "server-only";
import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect, unstable_rethrow } from "next/navigation";
import type { ReactNode } from "react";
import { AgainLink } from "@/components/otp/again-link";
import { Frame, type FrameFacts } from "@/components/otp/frame";
import { mainButton, quietLink } from "@/components/otp/notice";
import { SubmitButton } from "@/components/otp/submit-button";
import { getWords } from "@/components/otp/words";
import type { AttemptView } from "@/lib/authn/read";
import { getConfig, isDemo } from "@/lib/platform/config";
import { reportFault } from "@/lib/staff/door";
import { toReturnPath } from "@/lib/staff/return-path";
import { publicRequestContext } from "@/lib/staff/session";
import { begin, speak } from "./actions";
import { findApplication } from "./applications";
import { getPageAttempt } from "./attempt";
import { toStep } from "./steps";

type Query = Record<string, string | string[] | undefined>;

/** What Next gives to a page of an attempt. */
export interface AttemptPageProps {
  params: Promise<{ attempt: string }>;
  searchParams: Promise<Query>;
}

/** What a page of an open attempt is made of. */
interface OpenPage {
  attempt: AttemptView;
  query: Query;
  /** The title that the page and its tab have. */
  title: string;
  facts: FrameFacts;
  /** "You are signing in to Payroll.", or nothing. */
  signingInTo: ReactNode;
}

/** What the frame around every page says. */
export async function getFrameFacts(): Promise<FrameFacts> {
  const { SPAREKEY_COMPANY, SPAREKEY_HELPDESK_PHONE, VONAGE_API_BASE } = getConfig();
  return {
    company: SPAREKEY_COMPANY,
    helpdeskPhone: SPAREKEY_HELPDESK_PHONE ?? null,
    path: toReturnPath((await headers()).get("x-sparekey-path")) ?? "/otp",
    phonesUrl: isDemo() ? (VONAGE_API_BASE ?? null) : null,
    speak,
  };
}

type Words = Awaited<ReturnType<typeof getWords>>;

/** The title of a page's tab: what it asks, and who asks. */
export async function titled(pick: (t: Words) => string | Promise<string>): Promise<Metadata> {
  const t = await getWords();
  const title = await pick(t);
  return { title: { absolute: t("frame.title", { title, company: getConfig().SPAREKEY_COMPANY }) } };
}

/** Says which application somebody signs in to, where one is known. */
export async function saySigningInTo(applicationId: string | null | undefined): Promise<ReactNode> {
  const application = await findApplication(applicationId);
  if (application === undefined) return undefined;
  const t = await getWords();
  return t.rich("signingInTo", {
    application: application.name,
    b: (name) => <b className="font-semibold text-ink">{name}</b>,
  });
}

/** Renders, or shows one sentence with the number under which the log has what broke; without scripts too. */
export async function orTrouble(render: () => Promise<ReactNode>): Promise<ReactNode> {
  try {
    return await render();
  } catch (error) {
    unstable_rethrow(error);
    const { requestId } = await publicRequestContext();
    reportFault(error, requestId);
    return <TroublePage requestId={requestId} />;
  }
}

/** Something broke: what to do now. */
export async function TroublePage({ requestId, back }: { requestId: string; back?: string }) {
  const [t, facts] = await Promise.all([getWords(), getFrameFacts()]);
  return (
    <Frame facts={facts} title={t("trouble.title")} lead={t("trouble.lead")}>
      <AgainLink href={back ?? facts.path} className={`mt-8 ${mainButton}`}>
        {t("trouble.again")}
      </AgainLink>
      <p className="mt-6 text-ink-soft leading-7">
        {t("trouble.number")}
        <code
          className="mt-1 block select-all font-mono text-ink text-sm tracking-tight [overflow-wrap:anywhere]"
          dir="ltr"
        >
          {requestId}
        </code>
      </p>
    </Frame>
  );
}

/**
 * Makes a page of an open attempt of this browser. An attempt that is over says so and offers to begin again with the same
 * name; one that has succeeded leads in.
 */
export function attemptPage(
  toTitle: (t: Words) => string,
  render: (page: OpenPage) => Promise<ReactNode>,
): {
  Page: (props: AttemptPageProps) => Promise<ReactNode>;
  generateMetadata: (props: AttemptPageProps) => Promise<Metadata>;
} {
  return {
    Page: ({ params, searchParams }) =>
      orTrouble(async () => {
        const [{ attempt: id }, query, t, facts] = await Promise.all([
          params,
          searchParams,
          getWords(),
          getFrameFacts(),
        ]);
        const attempt = await getPageAttempt(id);
        if (attempt?.state === "succeeded") redirect(toStep(id, "in"));
        if (attempt?.state !== "open") return <OverPage attempt={attempt} />;
        const signingInTo = await saySigningInTo(attempt.application);
        return render({ attempt, query, title: toTitle(t), facts, signingInTo });
      }),
    generateMetadata: async ({ params }) => {
      const attempt = await getPageAttempt((await params).attempt).catch(() => null);
      return titled((t) => {
        if (attempt === null) return t("trouble.title");
        return attempt?.state === "open" || attempt?.state === "succeeded"
          ? toTitle(t)
          : toOverTitle(t, attempt);
      });
    },
  };
}

function toOverTitle(t: Words, attempt: AttemptView | undefined): string {
  return t(attempt?.state === "failed" ? "over.failedTitle" : "over.expiredTitle");
}

/** An attempt in which nothing can be done any more, and how to begin again with what was typed. */
export async function OverPage({ attempt }: { attempt: AttemptView | undefined }) {
  const [t, facts] = await Promise.all([getWords(), getFrameFacts()]);
  const failed = attempt?.state === "failed";
  return (
    <Frame
      facts={facts}
      title={toOverTitle(t, attempt)}
      lead={t(failed ? "over.failedLead" : "over.expiredLead")}
    >
      {attempt === undefined ? (
        <a href="/otp" className={`mt-8 ${mainButton}`}>
          {t("over.again")}
        </a>
      ) : (
        <form action={begin} className="mt-8">
          <input type="hidden" name="login" value={attempt.subjectName} />
          <input type="hidden" name="app" value={attempt.application ?? ""} />
          <input type="hidden" name="again" value={attempt.attemptId} />
          <SubmitButton className={mainButton}>{t("over.again")}</SubmitButton>
        </form>
      )}
      <p className="mt-6 text-ink-soft leading-7">{t("over.help")}</p>
    </Frame>
  );
}

/** The way back to the other ways. */
export function OtherWay({ attemptId, children }: { attemptId: string; children: ReactNode }) {
  return (
    <a href={toStep(attemptId, null)} className={`mt-2 ${quietLink}`}>
      {children}
    </a>
  );
}
