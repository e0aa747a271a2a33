import { Frame } from "@/components/otp/frame";
import { mainButton, Problem } from "@/components/otp/notice";
import { RobotCheck } from "@/components/otp/robot-check";
import { getWords } from "@/components/otp/words";
import { createRiddle } from "@/lib/robots/proof";
import { ask } from "../../actions";
import { attemptPage, OtherWay } from "../../otp-page";
import { single, toStep } from "../../steps";

const { Page, generateMetadata } = attemptPage(
  (t) => t("check.title"),
  async ({ attempt: { attemptId }, query, title, facts }) => {
    const t = await getWords();
    const code = (
      <a href={toStep(attemptId, "code")} className={mainButton}>
        {t("check.code")}
      </a>
    );
    return (
      <Frame facts={facts} title={title} lead={t("check.lead")}>
        <RobotCheck
          ask={ask}
          attemptId={attemptId}
          way={single(query.way) === "call" ? "call" : "text"}
          riddle={await createRiddle(attemptId)}
          working={t("check.working")}
          failed={t("check.failed")}
          instead={code}
        />
        <noscript>
          <div className="mt-8 flex flex-col gap-4">
            <Problem>{t("check.noScript")}</Problem>
            {code}
          </div>
        </noscript>
        <OtherWay attemptId={attemptId}>{t("check.otherWay")}</OtherWay>
      </Frame>
    );
  },
);

export { generateMetadata };
export default Page;
