import "server-only";
import { jetbrains } from "@/components/mono-font";
import { DigitsForm } from "@/components/otp/digits-form";
import { Frame } from "@/components/otp/frame";
import { ResendButton } from "@/components/otp/resend-button";
import { getWords, sayWhen } from "@/components/otp/words";
import { ask, proveDigits } from "./actions";
import { attemptPage, OtherWay } from "./otp-page";
import { channelOf, parseHint, type Way } from "./steps";

/** Makes the page on which the six digits of a text or a call are typed. */
export function digitsPage(way: Way) {
  return attemptPage(
    (t) => t("digits.title"),
    async ({ attempt, query, title, facts }) => {
      const t = await getWords();
      const { problem, left, wait } = parseHint(query);
      const asked = attempt.channel === channelOf[way];
      const text = way === "text";
      const said =
        problem === "wrong"
          ? t("digits.wrong", { left })
          : problem === "incomplete"
            ? t("digits.incomplete")
            : problem === "too_soon"
              ? t("digits.tooSoon", { when: await sayWhen(wait) })
              : problem === "throttled"
                ? t("code.throttled", { when: await sayWhen(wait) })
                : null;
      const again = text ? t("digits.sendAgain") : t("digits.callAgain");
      const againIn = text
        ? t("digits.sendAgainIn", { clock: "{clock}" })
        : t("digits.callAgainIn", { clock: "{clock}" });
      const first = text ? t("digits.sendText") : t("digits.makeCall");
      return (
        <Frame
          facts={facts}
          className={jetbrains.variable}
          title={title}
          lead={asked ? t(text ? "digits.textLead" : "digits.callLead") : t("digits.notAsked")}
        >
          <DigitsForm
            key={problem === "wrong" ? left : "digits"}
            prove={proveDigits}
            attemptId={attempt.attemptId}
            way={way}
            problem={said}
            isInvalid={problem === "wrong" || problem === "incomplete"}
            words={{
              label: t("digits.label"),
              submit: t("digits.continue"),
              incomplete: t("digits.incomplete"),
            }}
          />
          <form action={ask} className="mt-8 flex flex-col gap-3">
            <input type="hidden" name="attempt" value={attempt.attemptId} />
            <input type="hidden" name="way" value={way} />
            {asked && (
              <p className="text-center text-ink-soft leading-6">
                {t("digits.nothingArrived")} {t("digits.newest")}
              </p>
            )}
            <ResendButton
              key={attempt.channel ?? ""}
              waitSeconds={asked ? attempt.resendInSeconds : 0}
              ready={asked ? again : first}
              waiting={againIn}
            />
          </form>
          <OtherWay attemptId={attempt.attemptId}>{t("digits.otherWay")}</OtherWay>
        </Frame>
      );
    },
  );
}
