import Link from "next/link";
import type { ComponentProps } from "react";
import { getReader, getTranslator } from "@/components/i18n/server";
import { Card, Fact, Facts } from "@/components/ui/card";
import { Unspaced } from "@/components/ui/unspaced";
import type { PhoneDetails, UserDetails } from "@/lib/directory/read";
import { nameAuthenticator } from "./authenticator";
import { ChangePhone } from "./change-phone";

/** Who a user is: what helpdesk asks the caller about before anything is given, and how they normally sign in. */
export async function WhoThisIs({
  user,
  hasLog,
  mayChangePhone,
  changePhone,
}: {
  user: UserDetails;
  hasLog: boolean;
  /** Whether the reader's role changes numbers. */
  mayChangePhone: boolean;
  changePhone: ComponentProps<typeof ChangePhone>["change"];
}) {
  const [t, { formats, now, timeZone, formatLocale }] = await Promise.all([getTranslator(), getReader()]);
  const none = <span className="text-ink-soft">{t("user.who.none")}</span>;
  const phoneOf = (channel: PhoneDetails["channel"]) => {
    const phone = user.phones.find((each) => each.channel === channel);
    if (phone === undefined) return none;
    const isHeld = phone.heldUntil !== null && phone.heldUntil > now;
    return (
      <>
        <span className="font-mono text-xs">{phone.number}</span>
        {(isHeld || phone.isSetByHand) && (
          <span className={`block text-xs ${isHeld ? "text-warn" : "text-ink-soft"}`}>
            {isHeld
              ? t("user.who.held", {
                  at: formats.moment(phone.heldUntil as Date, now),
                  changed: formats.moment(phone.changedAt, now),
                })
              : t("user.who.since", { changed: formats.moment(phone.changedAt, now) })}
          </span>
        )}
      </>
    );
  };
  const language =
    user.language && new Intl.DisplayNames([formatLocale], { type: "language" }).of(user.language);
  return (
    <Card titleId="who-title" title={t("user.who.title")} className="xl:order-last">
      <Facts className="sm:max-xl:grid-cols-[minmax(4.5rem,auto)_minmax(0,1fr)_minmax(4.5rem,auto)_minmax(0,1fr)]">
        <Fact name={t("user.who.login")}>
          <Unspaced>{user.login}</Unspaced>
        </Fact>
        <Fact name={t("user.who.email")}>
          {user.email === null ? none : <Unspaced>{user.email}</Unspaced>}
        </Fact>
        <Fact name={t("user.who.employee")}>
          {user.employeeNumber === null ? (
            none
          ) : (
            <span className="font-mono text-xs">{user.employeeNumber}</span>
          )}
        </Fact>
        <Fact name={t("user.who.sms")}>{phoneOf("sms")}</Fact>
        <Fact name={t("user.who.voice")}>{phoneOf("voice")}</Fact>
        <Fact name={t("user.who.normally")}>
          {user.normalAuthenticators.map((kind) => nameAuthenticator(t, kind)).join(", ") || none}
        </Fact>
        {user.timeZone !== null && user.timeZone !== timeZone && (
          <Fact name={t("user.who.theirTime")}>
            <span className="tabular-nums">{formats.clock(now, user.timeZone)}</span>{" "}
            <span className="text-ink-soft">{user.timeZone.replaceAll("_", " ")}</span>
          </Fact>
        )}
        {language && <Fact name={t("user.who.language")}>{language}</Fact>}
      </Facts>
      <div className="border-t px-4 py-2.5">
        <ChangePhone
          userId={user.id}
          phones={Object.fromEntries(user.phones.map(({ channel, number }) => [channel, number]))}
          why={
            !mayChangePhone ? t("user.phone.whyRole") : user.isYourself ? t("user.phone.whyYourself") : null
          }
          change={changePhone}
        />
      </div>
      {hasLog && (
        <p className="border-t px-4 py-2.5">
          <Link href={`/audit?user=${user.id}`} className="font-medium text-accent hover:underline">
            {t("user.who.log")}
          </Link>
        </p>
      )}
    </Card>
  );
}
