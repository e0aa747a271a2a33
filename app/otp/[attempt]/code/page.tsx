import { jetbrains } from "@/components/mono-font";
import { CodeForm } from "@/components/otp/code-form";
import { Frame } from "@/components/otp/frame";
import { getWords, sayWhen } from "@/components/otp/words";
import { proveCode } from "../../actions";
import { attemptPage, OtherWay } from "../../otp-page";
import { parseHint } from "../../steps";

const { Page, generateMetadata } = attemptPage(
  (t) => t("code.title"),
  async ({ attempt, query, title, facts }) => {
    const t = await getWords();
    const { problem, left, wait } = parseHint(query);
    const said =
      problem === "wrong"
        ? t("code.wrong", { left })
        : problem === "mistyped"
          ? t("code.mistyped")
          : problem === "empty"
            ? t("code.empty")
            : problem === "throttled"
              ? t("code.throttled", { when: await sayWhen(wait) })
              : null;
    return (
      <Frame facts={facts} className={jetbrains.variable} title={title} lead={t("code.lead")}>
        <CodeForm
          prove={proveCode}
          attemptId={attempt.attemptId}
          problem={said}
          words={{
            label: t("code.label"),
            hint: t("code.hint"),
            submit: t("code.continue"),
            empty: t("code.empty"),
            mistyped: t("code.mistyped"),
          }}
        />
        <OtherWay attemptId={attempt.attemptId}>{t("code.otherWay")}</OtherWay>
      </Frame>
    );
  },
);

export { generateMetadata };
export default Page;
