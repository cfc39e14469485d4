import type { Schemas } from "../../api/client";

export type Policy = Schemas["Policy"];

/** Names are the settings of a policy as fields are called: passwords-minLength, signIn-lockout-minutes. */
type Names<T, Prefix extends string = ""> = {
  [K in keyof T & string]: NonNullable<T[K]> extends readonly unknown[]
    ? `${Prefix}${K}`
    : NonNullable<T[K]> extends object
      ? Names<NonNullable<T[K]>, `${Prefix}${K}-`>
      : `${Prefix}${K}`;
}[keyof T & string];

export type SettingName = Names<Policy>;
export type GroupName = keyof Policy;

export type Unit = "characters" | "days" | "months" | "minutes" | "hours" | "passwords" | "attempts" | "accounts";

/** Setting is what is asked for in a field; its texts are under its name in settings.json. */
export type Setting =
  | { kind: "tick" }
  | { kind: "text"; type?: "email" | "url" }
  | { kind: "long" }
  /** lines are words, one a line; numbers are figures with commas between; people are names with how to reach them. */
  | { kind: "lines" | "numbers" | "people" | "zone" | "roles" }
  /** orNever lets 0 stand for "never". */
  | { kind: "number"; min: number; max: number; unit: Unit; orNever?: true }
  | { kind: "choice"; of: "reuse" | "reset" | "demand" | "agreement"; options: readonly string[] }
  | { kind: "several"; of: "method" | "detail"; options: readonly string[] };

const number = (min: number, max: number, unit: Unit): Setting => ({ kind: "number", min, max, unit });
const numberOrNever = (min: number, max: number, unit: Unit): Setting =>
  ({ ...number(min, max, unit), orNever: true }) as Setting;

const tick: Setting = { kind: "tick" };
const text: Setting = { kind: "text" };

const optional = ["title", "telephone", "mobile", "language", "staffId", "verification", "site"] as const;

/**
 * Every setting there is, in the order of the page. One that the API has and this has not is an error of the compiler, and so
 * is the other way round.
 */
export const settings: Readonly<Record<SettingName, Setting>> = {
  "users-fields": { kind: "several", of: "detail", options: optional },
  "users-required": { kind: "several", of: "detail", options: optional },
  "users-ownFields": {
    kind: "several",
    of: "detail",
    options: ["givenName", "familyName", "email", ...optional],
  },
  "users-defaultRoles": { kind: "roles" },
  "users-rolesRequired": tick,
  "users-genericWords": { kind: "lines" },

  "usernames-chosen": tick,
  "usernames-pattern": text,
  "usernames-reuse": { kind: "choice", of: "reuse", options: ["never", "afterDelete"] },

  "passwords-minLength": number(8, 64, "characters"),
  "passwords-maxLength": number(8, 128, "characters"),
  "passwords-upper": tick,
  "passwords-lower": tick,
  "passwords-digit": tick,
  "passwords-punctuation": text,
  "passwords-allowCommon": tick,
  "passwords-allowNames": tick,
  "passwords-maxAgeDays": numberOrNever(30, 360, "days"),
  "passwords-history": number(0, 10, "passwords"),
  "passwords-reset": { kind: "choice", of: "reset", options: ["temporary", "standardCode", "email"] },
  "passwords-generatedLength": number(10, 32, "characters"),
  "passwords-temporaryDays": numberOrNever(1, 365, "days"),

  "signIn-methods": { kind: "several", of: "method", options: ["password", "passkey", "federated"] },
  "signIn-secondFactor": { kind: "choice", of: "demand", options: ["nobody", "administrators", "everybody"] },
  "signIn-lockout-threshold": number(3, 100, "attempts"),
  "signIn-lockout-minutes": numberOrNever(1, 1440, "minutes"),
  "signIn-againAfterNewPassword": tick,

  "sessions-idleMinutes": number(5, 720, "minutes"),
  "sessions-absoluteHours": number(1, 24, "hours"),
  "sessions-elevationMinutes": number(5, 240, "minutes"),

  "lifecycle-warnMonths": { kind: "numbers" },
  "lifecycle-warningGapDays": number(1, 90, "days"),
  "lifecycle-archiveMonths": numberOrNever(1, 120, "months"),
  "lifecycle-purgeMonths": numberOrNever(1, 120, "months"),
  "lifecycle-keepDays": numberOrNever(1, 3650, "days"),
  "lifecycle-graceDays": number(0, 90, "days"),
  "lifecycle-purgeCap": number(1, 100_000, "accounts"),
  "lifecycle-redactTrail": tick,
  "lifecycle-timeZone": { kind: "zone" },

  "digest-enabled": tick,
  "digest-inactiveMonths": numberOrNever(1, 120, "months"),

  "agreement-when": {
    kind: "choice",
    of: "agreement",
    options: ["never", "once", "eachVersion", "eachSignIn"],
  },

  "contact-customerService": { kind: "text", type: "email" },
  "contact-people": { kind: "people" },
  "contact-hidden": tick,

  "directory-open": tick,

  "look-colour": text,
  "look-background": text,
  "look-logo": { kind: "text", type: "url" },
  "look-text": { kind: "long" },
};

export const settingNames = Object.keys(settings) as SettingName[];

/** Groups are the parts of the page, in its order. */
export const groups = [...new Set(settingNames.map((name) => name.split("-")[0] as GroupName))];

export const settingsOf = (group: GroupName): SettingName[] =>
  settingNames.filter((name) => name.startsWith(`${group}-`));
