import { redirect } from "next/navigation";
import { Frame } from "@/components/otp/frame";
import { mainButton } from "@/components/otp/notice";
import { getWords } from "@/components/otp/words";
import { findApplication, toEntrance } from "../../applications";
import { getPageAttempt } from "../../attempt";
import { type AttemptPageProps, getFrameFacts, OverPage, orTrouble, titled } from "../../otp-page";
import { toStep } from "../../steps";

export const generateMetadata = () => titled((t) => t("in.title"));

/** The end: who came in, and the way on. */
export default function InPage({ params }: AttemptPageProps) {
  return orTrouble(async () => {
    const [{ attempt: id }, t, facts] = await Promise.all([params, getWords(), getFrameFacts()]);
    const attempt = await getPageAttempt(id);
    if (attempt?.state === "open") redirect(toStep(id, null));
    if (attempt?.state !== "succeeded" || attempt.proven === null) return <OverPage attempt={attempt} />;
    const application = await findApplication(attempt.application);
    return (
      <Frame
        facts={facts}
        title={
          <span className="flex items-center gap-3">
            <svg viewBox="0 0 28 28" className="size-8 shrink-0 text-ok" aria-hidden="true">
              <circle cx="14" cy="14" r="14" className="fill-ok-soft" />
              <path d="m8 14.6 4 4 8-8.6" fill="none" className="stroke-current" strokeWidth="2.4" />
            </svg>
            {t("in.title")}
          </span>
        }
        lead={t.rich("in.lead", {
          name: attempt.proven.displayName,
          b: (name) => (
            <b className="font-semibold text-ink" dir="auto">
              {name}
            </b>
          ),
        })}
      >
        {application !== undefined && (
          <a href={toEntrance(application, id)} className={`mt-8 ${mainButton}`}>
            {t("in.goOn", { application: application.name })}
          </a>
        )}
      </Frame>
    );
  });
}
