"use client";

import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Badge, type Tone } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Cell, Head, Heads, Row, Table } from "@/components/ui/table";
import { Unspaced } from "@/components/ui/unspaced";
import { sayWhy } from "@/lib/directory/say-why";
import type { SampledChange } from "@/lib/imports/model";
import type { ShownImport } from "@/lib/imports/read";

const toneOf: Readonly<Record<SampledChange["is"], Tone>> = {
  added: "ok",
  changed: "accent",
  enabled: "accent",
  disabled: "danger",
  absent: "danger",
};

/** The first changes of an import. Nothing where there are none. */
export function Changes({ sample }: { sample: readonly SampledChange[] }) {
  const t = useTranslations("directory.changes");
  if (sample.length === 0) return null;
  return (
    <Card titleId="changes-title" title={t("title")} aside={t("first", { count: sample.length })}>
      <Table label={t("title")}>
        <Heads>
          <Head>{t("login")}</Head>
          <Head>{t("is")}</Head>
          <Head>{t("fields")}</Head>
        </Heads>
        <tbody>
          {sample.map(({ login, is, fields }) => (
            <Row key={`${is} ${login}`}>
              <Cell className="max-w-60 break-words align-top font-medium">
                <Unspaced>{login}</Unspaced>
              </Cell>
              <Cell className="whitespace-nowrap align-top">
                <Badge tone={toneOf[is]}>{t(`isOf.${is}`)}</Badge>
              </Cell>
              <Cell className="min-w-36 break-words">
                <ul className="flex flex-col gap-0.5">
                  {fields.map(({ name, from, to }) => (
                    <li key={name}>
                      <span className="font-mono text-ink-soft text-xs">{name}</span>{" "}
                      {from !== "" && (
                        <>
                          <del className="text-ink-soft">{from}</del> <span aria-hidden="true">→</span>{" "}
                        </>
                      )}
                      {to === "" ? (
                        <span className="text-ink-soft">{t("none")}</span>
                      ) : (
                        <ins className="no-underline">{to}</ins>
                      )}
                    </li>
                  ))}
                </ul>
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}

/** The first lines that weren't taken, and where all of them are. Nothing where there are none. */
export function Refusals({
  refusals,
  count,
  download,
}: {
  refusals: ShownImport["refusals"];
  count: number;
  download: ReactNode;
}) {
  const t = useTranslations("directory.refusals");
  const { locale } = useReader();
  if (refusals.length === 0) return null;
  return (
    <Card titleId="refusals-title" title={t("title", { count })} aside={download}>
      <Table label={t("title", { count })}>
        <Heads>
          <Head className="text-right">{t("line")}</Head>
          <Head>{t("login")}</Head>
          <Head>{t("why")}</Head>
        </Heads>
        <tbody>
          {refusals.map(({ line, login, why }) => (
            <Row key={line}>
              <Cell className="text-right tabular-nums">{line}</Cell>
              <Cell className="max-w-60 break-words">
                {login === "" ? (
                  <span className="text-ink-soft">{t("nobody")}</span>
                ) : (
                  <Unspaced>{login}</Unspaced>
                )}
              </Cell>
              <Cell className="min-w-52">{sayWhy(locale, why)}</Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}
