import i18next from "i18next";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { moment } from "./time";
import classes from "./trail.module.css";

// What the audit trail says, in words: for one's own activity, a user's, and the whole organisation's.

export type Entry = Schemas["EntryBody"];

/** Names are what ids are called on the page, such as those of roles and rights. */
export type Names = ReadonlyMap<string, string>;

/** useActionName says what happened; what this console knows no words for is shown as the trail has it. */
export function useActionName(): (action: string) => string {
  const { t } = useTranslation("trail");
  return (action) => {
    const key = `action.${action.replace(".", "_")}` as "action.signIn_succeeded"; // one that there is, for the compiler
    return i18next.exists(`trail:${key}`) ? t(key) : action;
  };
}

/** usePartyName says who did something, or whom it was done to. */
export function usePartyName(): (party: Schemas["PartyBody"] | undefined) => string {
  const { t } = useTranslation("trail");
  return (party) => {
    if (!party) return "";
    if (party.name === "Caretaker" && party.id === undefined) return t("system");
    return party.name ?? party.username ?? "";
  };
}

/** useNote says how something went, or why. What people wrote stays as it is. */
export function useNote(): (note: string | undefined) => string {
  const { t } = useTranslation("trail");
  return (note = "") => {
    const key = `note.${note}` as "note.password";
    if (i18next.exists(`trail:${key}`)) return t(key);
    const made = noteOf(note);
    if (!made) return note;
    return t(`noteOf.${made.form}` as "noteOf.version", { version: "", ...made.parts }); // one that there is, for the compiler
  };
}

/** What the trail writes with figures or names in it. */
const noteForms = {
  version: /^version (?<version>\d+)$/,
  digest: /^for (?<people>\d+) administrators$/,
  held: /^(?<deleted>\d+) deleted, (?<left>\d+) left for the next sweep$/,
  closed: /^(?<slug>\S+), with (?<users>\d+) users; closed on (?<day>[\d-]+)$/,
  approved: /^approved by (?<name>.+), (?<position>.+); evidence: (?<evidence>.+)$/s,
} as const;

type NoteForm = keyof typeof noteForms;

/** noteOf finds which of its forms a note has, and what differs from note to note. */
export function noteOf(note: string): { form: NoteForm; parts: Record<string, string> } | undefined {
  for (const form of Object.keys(noteForms) as NoteForm[]) {
    const parts = noteForms[form].exec(note)?.groups;
    if (parts) return { form, parts };
  }
  return undefined;
}

/** Changes are the details that an entry says have changed, each with what it was and became. */
export function Changes({ entry, names }: { entry: Entry; names?: Names }) {
  const { t } = useTranslation("trail");
  const detail = useDetailName();
  const value = useValue(names);
  const made = entry.action === "user.created"; // what a new account does not have was not taken away
  const changed = changedDetails(entry).filter((c) => !made || c.after !== "");
  if (changed.length === 0) return null;
  return (
    <ul className={classes.changes}>
      {changed.map(({ field, before, after }) => {
        const said = { field: detail(field), before: value(field, before), after: value(field, after) };
        if (before === "") return <li key={field}>{t("changes.set", said)}</li>;
        return <li key={field}>{t(after === "" ? "changes.gone" : "changes.from", said)}</li>;
      })}
    </ul>
  );
}

interface Changed {
  field: string;
  before: string;
  after: string;
}

/** changedDetails are the details of an entry that differ, by the name the trail has for them. */
export function changedDetails({ before = {}, after = {} }: Pick<Entry, "before" | "after">): Changed[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return fields
    .map((field) => ({ field, before: before[field] ?? "", after: after[field] ?? "" }))
    .filter((c) => c.before !== c.after);
}

function useDetailName(): (field: string) => string {
  const { t } = useTranslation("trail");
  return (field) => {
    const key = `detail.${field}` as "detail.email";
    return i18next.exists(`trail:${key}`) ? t(key) : field;
  };
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** Details that are ids of roles or rights, one after the other. */
const ofIds: readonly string[] = ["roles", "rights", "granted", "denied"];

/** idsOf are the ids of which the trail makes "a, b or c", with who agreed to a right. */
export function idsOf(text: string): { id: string; by?: string }[] {
  return text.split(/, | or /).map((part) => {
    const [, id = part, by] = /^(\S+) \(agreed by (.*)\)$/.exec(part) ?? [];
    return by === undefined ? { id } : { id, by };
  });
}

/** useValue says a detail's value as people would. */
function useValue(names: Names = new Map()): (field: string, text: string) => string {
  const { t } = useTranslation("trail");
  const said = (text: string) => {
    const key = `value.${text}` as "value.active";
    return !text.includes(".") && i18next.exists(`trail:${key}`) ? t(key) : text;
  };
  return (field, text) => {
    if (ofIds.includes(field)) {
      const name = (id: string) => names.get(id) ?? id;
      return idsOf(text)
        .map(({ id, by }) => (by === undefined ? name(id) : t("changes.agreed", { right: name(id), by })))
        .join(", ");
    }
    if (time.test(text)) return moment(text);
    if (field === "communications") return text.replace(/\w+/g, (word) => said(word));
    return said(text);
  };
}
