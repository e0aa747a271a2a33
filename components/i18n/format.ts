/** How dates, times, spans and numbers are written for one reader. */
export interface Formats {
  /** "14:05", in the zone given or the reader's. */
  clock(at: Date, timeZone?: string): string;
  /** "14:05:21". */
  clockSeconds(at: Date): string;
  /** "today 14:05", "yesterday 08:14", "12 Nov, 09:02", "30 Oct 2024, 17:40". */
  moment(at: Date, now: Date): string;
  /** "12 Nov", of a calendar day ("2026-11-12") of no zone. */
  date(day: string): string;
  /** "12 November 2026". */
  day(at: Date): string;
  /** "12 Nov 2026, 09:02:11 CET": whole, for where it must be exact. */
  exact(at: Date): string;
  /** "6 d 23 h", "3 h 58 min", "23 min", "40 s", by the symbols that all languages share; rounded down from minutes on, never negative. */
  span(seconds: number): string;
  /** "2 minutes ago", "in 3 hours". */
  relative(at: Date, now: Date): string;
  number(value: number): string;
}

/**
 * Makes the writers for one reader.
 * @param locale a regional tag ("en-GB", "de-AT").
 * @param timeZone the reader's, IANA.
 */
export function createFormats(locale: string, timeZone: string): Formats {
  const make = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone, hourCycle: "h23", ...options });
  const clock = { hour: "2-digit", minute: "2-digit" } as const;
  const clocks = new Map([[timeZone, make(clock)]]);
  const seconds = make({ ...clock, second: "2-digit" });
  const dayMonth = make({ day: "numeric", month: "short" });
  const calendarDay = new Intl.DateTimeFormat(locale, { timeZone: "UTC", day: "numeric", month: "short" });
  const dayMonthYear = make({ day: "numeric", month: "short", year: "numeric" });
  const longDay = make({ day: "numeric", month: "long", year: "numeric" });
  const exact = make({
    day: "numeric",
    month: "short",
    year: "numeric",
    ...clock,
    second: "2-digit",
    timeZoneName: "short",
  });
  const key = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const number = new Intl.NumberFormat(locale);

  const daysBetween = (from: Date, to: Date) =>
    Math.round((Date.parse(key.format(to)) - Date.parse(key.format(from))) / 86_400_000);

  const formats: Formats = {
    clock(at, zone = timeZone) {
      const known = clocks.get(zone) ?? make({ ...clock, timeZone: zone });
      clocks.set(zone, known);
      return known.format(at);
    },
    clockSeconds: (at) => seconds.format(at),
    moment(at, now) {
      const days = daysBetween(now, at);
      if (Math.abs(days) <= 1) return `${relative.format(days, "day")} ${formats.clock(at)}`;
      const sameYear = key.format(at).slice(0, 4) === key.format(now).slice(0, 4);
      return `${(sameYear ? dayMonth : dayMonthYear).format(at)}, ${formats.clock(at)}`;
    },
    date: (day) => calendarDay.format(new Date(`${day}T00:00:00Z`)),
    day: (at) => longDay.format(at),
    exact: (at) => exact.format(at),
    span(total) {
      const left = Math.max(0, Math.floor(total));
      if (left < 60) return `${left} s`;
      const [days, hours, minutes] = [
        Math.floor(left / 86_400),
        Math.floor((left % 86_400) / 3_600),
        Math.floor((left % 3_600) / 60),
      ];
      const parts: string[] = [];
      if (days > 0) parts.push(`${number.format(days)} d`);
      if (hours > 0) parts.push(`${hours} h`);
      if (minutes > 0 && days === 0) parts.push(`${minutes} min`);
      return parts.join(" ");
    },
    relative(at, now) {
      const away = (at.getTime() - now.getTime()) / 1000;
      const [size, name] =
        Math.abs(away) < 60
          ? ([1, "second"] as const)
          : Math.abs(away) < 3_600
            ? ([60, "minute"] as const)
            : Math.abs(away) < 86_400
              ? ([3_600, "hour"] as const)
              : ([86_400, "day"] as const);
      return relative.format(Math.trunc(away / size), name);
    },
    number: (value) => number.format(value),
  };
  return formats;
}
