import { Frame } from "@/components/otp/frame";
import { bigField, mainButton, Problem } from "@/components/otp/notice";
import { SubmitButton } from "@/components/otp/submit-button";
import { getWords, sayWhen } from "@/components/otp/words";
import { subjectNameLengthMax } from "@/lib/authn/model";
import { begin } from "./actions";
import { findApplication } from "./applications";
import { getFrameFacts, saySigningInTo, titled } from "./otp-page";
import { parseHint, single } from "./steps";

export const generateMetadata = () => titled((t) => t("login.title"));

/** The first question: who signs in. `app` names the application that sent them, `login` what to begin with. */
export default async function LoginPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const [query, t, facts] = await Promise.all([searchParams, getWords(), getFrameFacts()]);
  const application = await findApplication(single(query.app));
  const login = (single(query.login) ?? "").replaceAll("\0", "").slice(0, subjectNameLengthMax);
  const { problem, wait } = parseHint(query);
  const said =
    problem === "empty"
      ? t("login.empty")
      : problem === "busy"
        ? t("login.busy", { when: await sayWhen(wait) })
        : null;
  return (
    <Frame
      facts={facts}
      title={t("login.title")}
      lead={
        <>
          {await saySigningInTo(application?.id)} {application === undefined && t("login.lead")}
        </>
      }
    >
      <form action={begin} className="mt-7 flex flex-col gap-4">
        <input type="hidden" name="app" value={application?.id ?? ""} />
        <div className="flex flex-col gap-2">
          <label htmlFor="login" className="font-medium">
            {t("login.label")}
          </label>
          <input
            id="login"
            name="login"
            type="text"
            dir="auto"
            autoComplete="username"
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            maxLength={subjectNameLengthMax}
            defaultValue={login}
            aria-invalid={problem === "empty" || undefined}
            aria-describedby={said === null ? "login-hint" : "login-problem login-hint"}
            className={bigField}
          />
          <p id="login-hint" className="text-ink-soft leading-6">
            {t("login.hint")}
          </p>
        </div>
        {said !== null && <Problem id="login-problem">{said}</Problem>}
        <SubmitButton className={mainButton}>{t("login.continue")}</SubmitButton>
      </form>
      <p className="mt-6 text-ink-soft leading-7">{t("login.help")}</p>
    </Frame>
  );
}
