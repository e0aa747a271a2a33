import { Frame } from "@/components/otp/frame";
import { Problem } from "@/components/otp/notice";
import { WayButton, WayLink } from "@/components/otp/way";
import { getWords, sayWhen } from "@/components/otp/words";
import { listOfferedMethods } from "@/lib/authn/offer";
import { ask } from "../actions";
import { attemptPage } from "../otp-page";
import { parseHint, toStart, toStep, wayOf } from "../steps";

const { Page, generateMetadata } = attemptPage(
  (t) => t("ways.title"),
  async ({ attempt, query, title, facts, signingInTo }) => {
    const [t, methods] = await Promise.all([getWords(), listOfferedMethods()]);
    const offered = methods.flatMap((method) => (method === "access_code" ? [] : [wayOf[method]]));
    const { problem, wait } = parseHint(query);
    const { attemptId, subjectName, application } = attempt;
    return (
      <Frame
        facts={facts}
        title={title}
        lead={
          <>
            {signingInTo} {t("ways.choose")}
          </>
        }
      >
        <div className="mt-7 flex flex-col gap-3">
          {problem === "limit" && <Problem>{t("ways.limit", { when: await sayWhen(wait) })}</Problem>}
          {offered.map((way) => (
            <form key={way} action={ask} className="contents">
              <input type="hidden" name="attempt" value={attemptId} />
              <input type="hidden" name="way" value={way} />
              <WayButton hint={t(`ways.${way}Hint`)}>{t(`ways.${way}`)}</WayButton>
            </form>
          ))}
          <WayLink href={toStep(attemptId, "code")} hint={t("ways.codeHint")}>
            {t("ways.code")}
          </WayLink>
        </div>
        <p className="mt-6 text-ink-soft leading-7">{t("ways.none")}</p>
        <p className="mt-auto flex flex-wrap items-center gap-x-3 pt-6 text-ink-soft">
          <span className="min-w-0 break-words">
            {t.rich("ways.as", {
              login: subjectName,
              b: (name) => (
                <b className="break-all font-semibold text-ink" dir="auto">
                  {name}
                </b>
              ),
            })}
          </span>
          <a
            href={toStart({ app: application })}
            className="inline-flex min-h-12 items-center font-medium text-accent hover:underline"
          >
            {t("ways.notYou")}
          </a>
        </p>
      </Frame>
    );
  },
);

export { generateMetadata };
export default Page;
