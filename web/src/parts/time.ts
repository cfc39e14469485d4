import i18next from "i18next";

/** moment writes a time as people of the language do, in this browser's zone. */
export function moment(text: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(text));
}

export function day(text: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "long" }).format(new Date(text));
}

/** Dates are British in English, as the product's other words are. */
const locale = () => (i18next.language === "en" ? "en-GB" : i18next.language);

/** endOfDay is when a day, written 2026-11-28, is over in this browser's zone. */
export function endOfDay(date: string): string {
  const [year = 0, month = 1, inMonth = 1] = date.split("-").map(Number);
  return new Date(year, month - 1, inMonth + 1).toISOString();
}

/** lastDay is the day, written so, on which something ends that ends at that time: the day before, at midnight. */
export function lastDay(time: string): string {
  const last = new Date(Date.parse(time) - 1);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${last.getFullYear()}-${two(last.getMonth() + 1)}-${two(last.getDate())}`;
}
/** monthName is a month such as 2026-12 in words; short where there is little room. */
export function monthName(month: string, style: "long" | "short" = "long"): string {
  const year = style === "long" ? "numeric" : "2-digit";
  return format(`${month}-01`, { month: style, year });
}

/** dayName is a day such as 2026-12-31, of a calendar and in no zone. */
export function dayName(date: string, style: "long" | "short" = "long"): string {
  return format(date, style === "long" ? { dateStyle: "full" } : { day: "numeric", month: "short" });
}

/** monthOf is the month, such as 2026-12, in which a time lies in a zone. */
export function monthOf(time: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en", { timeZone, year: "numeric", month: "2-digit" }).formatToParts(
    new Date(time),
  );
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}`;
}

const format = (date: string, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(locale(), { ...options, timeZone: "UTC" }).format(new Date(`${date}T12:00:00Z`));
