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
