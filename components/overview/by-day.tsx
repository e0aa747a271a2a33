import { getReader, getTranslator } from "@/components/i18n/server";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/state";
import type { Day } from "@/lib/grants/trends-store";
import type { Method } from "@/lib/policy/model";
import { AsTable } from "./as-table";
import { Legend } from "./legend";

const methods = ["access_code", "sms", "voice"] as const satisfies readonly Method[];

const fills: Readonly<Record<Method, string>> = {
  access_code: "bg-chart-code",
  sms: "bg-chart-text",
  voice: "bg-chart-call",
};

const sumOf = (day: Day) => methods.reduce((sum, method) => sum + day[method], 0);

/** What was issued on each day, by method: a picture, and the same numbers as a table. */
export async function ByDay({ days }: { days: readonly Day[] }) {
  const [t, { formats }] = await Promise.all([getTranslator(), getReader()]);
  const highest = Math.max(...days.map(sumOf));
  const nameOf = (method: Method) => t(`user.give.methods.${method}`);
  const title = t("overview.byDay.title");
  const told = (day: Day) =>
    methods.map((method) => `${nameOf(method)} ${formats.number(day[method])}`).join(", ");
  return (
    <Card titleId="by-day-title" title={title}>
      {highest === 0 ? (
        <EmptyState title={t("overview.byDay.none")} />
      ) : (
        <div className="px-4 pt-3 pb-4">
          <Legend
            items={methods.map((method) => ({
              name: nameOf(method),
              fill: fills[method],
              value: formats.number(days.reduce((sum, day) => sum + day[method], 0)),
            }))}
          />
          <div aria-hidden="true" className="mt-4 flex gap-2">
            <div className="flex h-40 flex-col justify-between text-right text-2xs text-ink-soft tabular-nums">
              <span>{formats.number(highest)}</span>
              <span>0</span>
            </div>
            <div className="min-w-0 flex-1">
              <div className="flex h-40 items-end gap-px border-t border-b sm:gap-0.5">
                {days.map((day) => (
                  <div
                    key={day.day}
                    title={`${formats.date(day.day)}: ${told(day)}`}
                    className="flex h-full min-w-0 flex-1 flex-col justify-end hover:bg-sunken"
                  >
                    {methods
                      .filter((method) => day[method] > 0)
                      .map((method) => (
                        <div
                          key={method}
                          className={`min-h-px first:rounded-t-sm ${fills[method]}`}
                          style={{ height: `${(day[method] / highest) * 100}%` }}
                        />
                      ))}
                  </div>
                ))}
              </div>
              <div className="mt-1 flex justify-between text-2xs text-ink-soft">
                {[days[0], days[Math.floor(days.length / 2)], days.at(-1)].map(
                  (day) => day !== undefined && <span key={day.day}>{formats.date(day.day)}</span>,
                )}
              </div>
            </div>
          </div>
          <AsTable
            label={title}
            heads={[t("overview.byDay.day"), ...methods.map(nameOf)]}
            lines={days
              .toReversed()
              .map((day) => [formats.date(day.day), ...methods.map((method) => formats.number(day[method]))])}
          />
        </div>
      )}
    </Card>
  );
}
