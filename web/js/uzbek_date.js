// Dates in Uzbek. Chromium has no names of Uzbek months and weekdays: "M11" stands where one would be.

const MONTHS = "yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr".split(" ");
const SHORT = "yan fev mar apr may iyn iyl avg sen okt noy dek".split(" ");
const WEEKDAYS = {
  Mon: "dushanba",
  Tue: "seshanba",
  Wed: "chorshanba",
  Thu: "payshanba",
  Fri: "juma",
  Sat: "shanba",
  Sun: "yakshanba",
};

/** A date as Intl would write it with these options: day, month, year, and then what else was asked for. */
export function uzbekDate(date, options) {
  const asked = new Intl.DateTimeFormat("en-GB", options);
  const { timeZone } = asked.resolvedOptions();
  const month = Number(new Intl.DateTimeFormat("en-GB", { month: "numeric", timeZone }).format(date));
  const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "short", timeZone }).format(date);
  const parts = Object.fromEntries(asked.formatToParts(date).map(({ type, value }) => [type, value]));
  const names = options.month === "short" ? SHORT : MONTHS;
  const day = [parts.day, parts.month && names[month - 1]].filter(Boolean).join("-");
  const time = parts.hour && `${parts.hour}:${parts.minute}${parts.second ? `:${parts.second}` : ""}`;
  return [[day, parts.year].filter(Boolean).join(" "), parts.weekday && WEEKDAYS[weekday], time]
    .filter(Boolean)
    .join(", ");
}
