"use client";

import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import { useTranslations } from "use-intl/react";
import { Ago, Moment } from "@/components/i18n/time";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyState, Notice } from "@/components/ui/state";
import { Cell, Head, Heads, Row, Table } from "@/components/ui/table";
import { showToast } from "@/components/ui/toast";
import type { Refusal, Success } from "@/lib/platform/outcome";
import type { Action } from "@/lib/staff/action";
import type { SecondFactorMethod } from "@/lib/staff/model";
import type { DoorReason } from "@/lib/staff/outcome";
import { useStaffWords } from "./words";

/** A live session, as it goes to the browser. */
export interface SessionView {
  id: string;
  createdAt: string;
  lastSeenAt: string;
  secondFactorMethod: SecondFactorMethod | null;
  sourceIp: string | null;
  userAgent: string | null;
  current: boolean;
}

/** Browser and system, as far as a user agent tells: "Firefox · Linux". */
function nameDevice(userAgent: string | null): string | null {
  if (userAgent === null) return null;
  const browser = (["Edg", "OPR", "Firefox", "Chrome", "Safari"] as const).find((name) =>
    userAgent.includes(`${name}/`),
  );
  const system = (["Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"] as const).find((name) =>
    userAgent.includes(name),
  );
  const names: Record<string, string> = { Edg: "Edge", OPR: "Opera", "Mac OS": "macOS" };
  const said = [browser, system].filter((name) => name !== undefined).map((name) => names[name] ?? name);
  return said.length === 0 ? null : said.join(" · ");
}

/** The live sessions of one person, each with a button that ends it. */
export function SessionsTable({
  sessions,
  staffId,
  end,
}: {
  sessions: readonly SessionView[];
  staffId: string;
  end: Action<{ staffId: string; sessionId: string }, Success | Refusal<"not_found">>;
}) {
  const t = useTranslations("staff");
  const words = useStaffWords();
  const router = useRouter();
  const [refused, setRefused] = useState<Refusal<DoorReason | "not_found"> | null>(null);
  const [ending, setEnding] = useState<string | null>(null);
  const [busy, startTransition] = useTransition();
  if (sessions.length === 0) return <EmptyState title={t("session.none")} />;
  const run = (sessionId: string) => {
    setEnding(sessionId);
    startTransition(async () => {
      const result = await end({ staffId, sessionId });
      setRefused(result.ok ? null : result);
      if (result.ok) void showToast(t("done.sessionEnded"));
      router.refresh();
    });
  };
  return (
    <>
      {refused !== null && <Notice tone="danger" alert title={words(refused)} />}
      <Table label={t("session.title")}>
        <Heads>
          <Head>{t("session.from")}</Head>
          <Head className="hidden sm:table-cell">{t("session.factor")}</Head>
          <Head className="hidden sm:table-cell">{t("session.since")}</Head>
          <Head>{t("session.used")}</Head>
          <Head>
            <span className="sr-only">{t("session.end")}</span>
          </Head>
        </Heads>
        <tbody>
          {sessions.map((session) => {
            const device = nameDevice(session.userAgent) ?? t("session.unknown");
            const factor = session.secondFactorMethod && t(`method.${session.secondFactorMethod}`);
            return (
              <Row key={session.id}>
                <Cell>
                  <span className="flex flex-wrap items-center gap-x-2">
                    {device}
                    {session.current && <Badge tone="accent">{t("session.current")}</Badge>}
                  </span>
                  <span className="block font-mono text-ink-soft text-xs">{session.sourceIp}</span>
                  <span className="block text-ink-soft text-xs sm:hidden">{factor}</span>
                </Cell>
                <Cell className="hidden sm:table-cell">{factor}</Cell>
                <Cell className="hidden sm:table-cell">
                  <Moment at={session.createdAt} />
                </Cell>
                <Cell>
                  <Ago at={session.lastSeenAt} />
                </Cell>
                <Cell className="text-right">
                  {!session.current && (
                    <Button
                      size="sm"
                      variant="danger"
                      busy={busy && ending === session.id}
                      aria-label={`${t("session.end")}: ${device}`}
                      onClick={() => run(session.id)}
                    >
                      {t("session.end")}
                    </Button>
                  )}
                </Cell>
              </Row>
            );
          })}
        </tbody>
      </Table>
    </>
  );
}
