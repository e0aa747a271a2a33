import { getReader, getTranslator } from "@/components/i18n/server";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/state";
import type { CountryOutcomes } from "@/lib/grants/trends-store";
import { AsTable } from "./as-table";
import { Legend } from "./legend";

const outcomes = ["delivered", "underWay", "unknown", "failed"] as const;

const fills = {
  delivered: "bg-ok",
  underWay: "bg-line-field",
  unknown: "bg-chart-text",
  failed: "bg-danger",
} as const;

/** What became of the texts and calls to each country: a bar and how many of those whose end is known arrived, and the numbers as a table. */
export async function Outcomes({ countries }: { countries: readonly CountryOutcomes[] }) {
  const [t, { locale, formats }] = await Promise.all([getTranslator(), getReader()]);
  const regions = new Intl.DisplayNames(locale, { type: "region" });
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const title = t("overview.outcomes.title");
  const nameOf = ({ country }: CountryOutcomes) =>
    country === null ? t("overview.outcomes.nowhere") : (regions.of(country) ?? country);
  const endedOf = (row: CountryOutcomes) => row.delivered + row.failed + row.unknown;
  const shareOf = (row: CountryOutcomes) =>
    endedOf(row) === 0 ? "–" : percent.format(row.delivered / endedOf(row));
  return (
    <Card titleId="outcomes-title" title={title}>
      {countries.length === 0 ? (
        <EmptyState title={t("overview.outcomes.none")} />
      ) : (
        <div className="px-4 pt-3 pb-4">
          <Legend
            items={outcomes.map((outcome) => ({
              name: t(`overview.outcomes.${outcome}`),
              fill: fills[outcome],
            }))}
          />
          <div aria-hidden="true" className="mt-4 flex flex-col gap-2.5">
            {countries.map((row) => (
              <div key={row.country} className="flex items-center gap-3">
                <span className="w-28 shrink-0 truncate sm:w-36">{nameOf(row)}</span>
                <span className="flex h-3 min-w-0 flex-1 gap-px overflow-hidden rounded-full bg-sunken">
                  {outcomes
                    .filter((outcome) => row[outcome] > 0)
                    .map((outcome) => (
                      <span
                        key={outcome}
                        title={`${t(`overview.outcomes.${outcome}`)} ${formats.number(row[outcome])}`}
                        className={`min-w-px ${fills[outcome]}`}
                        style={{ width: `${(row[outcome] / (endedOf(row) + row.underWay)) * 100}%` }}
                      />
                    ))}
                </span>
                <span className="w-11 shrink-0 text-right tabular-nums">{shareOf(row)}</span>
                <span className="w-12 shrink-0 text-right text-ink-soft tabular-nums">
                  {formats.number(endedOf(row) + row.underWay)}
                </span>
              </div>
            ))}
          </div>
          <AsTable
            label={title}
            heads={[
              t("overview.outcomes.country"),
              t("overview.outcomes.share"),
              ...outcomes.map((outcome) => t(`overview.outcomes.${outcome}`)),
            ]}
            lines={countries.map((row) => [
              nameOf(row),
              shareOf(row),
              ...outcomes.map((outcome) => formats.number(row[outcome])),
            ])}
          />
        </div>
      )}
    </Card>
  );
}
