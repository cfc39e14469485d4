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
