import i18next, { type BackendModule } from "i18next";
import { initReactI18next } from "react-i18next";
import { lazily } from "../parts/lazily";

export const languages = ["en", "da"] as const;
export type Language = (typeof languages)[number];

/** What languages call themselves; these are never translated. */
export const languageNames: Record<Language, string> = { en: "English", da: "Dansk" };

const texts = import.meta.glob<{ default: Record<string, unknown> }>("../locales/*/*.json");

/** Texts come by language and area: those below at once, others when a page first needs them. */
const backend: BackendModule = {
  type: "backend",
  init: () => undefined,
  read: (language, area, done) => {
    const load = texts[`../locales/${language}/${area}.json`];
    if (!load) {
      done(new Error(`there are no texts ${area} in ${language}`), null);
      return;
    }
    lazily(load).then(
      (found) => {
        done(null, found.default);
      },
      (error: unknown) => {
        done(error as Error, null);
      },
    );
  },
};

const stored = "caretaker-language";

function isLanguage(text: string | null | undefined): text is Language {
  return (languages as readonly (string | null | undefined)[]).includes(text);
}

/** chosen is what was chosen in this browser before, "" when nothing was. */
function chosen(): Language | "" {
  const found = localStorage.getItem(stored);
  return isLanguage(found) ? found : "";
}

function preferred(): Language {
  return navigator.languages.map((l) => l.slice(0, 2)).find(isLanguage) ?? "en";
}

i18next.on("languageChanged", (language) => {
  document.documentElement.lang = language;
});

await i18next
  .use(backend)
  .use(initReactI18next)
  .init({
    lng: chosen() || preferred(),
    fallbackLng: false,
    ns: ["common", "problems", "entrance"],
    defaultNS: "common",
    interpolation: { escapeValue: false }, // React does that
  });

export function chooseLanguage(language: Language): void {
  localStorage.setItem(stored, language);
  void i18next.changeLanguage(language);
}

/** suggestLanguage speaks an organisation's language to whoever chose none. */
export function suggestLanguage(language: string | undefined): void {
  if (chosen() === "" && isLanguage(language) && language !== i18next.language) void i18next.changeLanguage(language);
}
