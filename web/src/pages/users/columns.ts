import { useState } from "react";
import { useSession, type Session } from "../../api/session";

export const columnKeys = [
  "username",
  "givenName",
  "familyName",
  "email",
  "roles",
  "lastSignInAt",
  "site",
  "status",
  "endsAt",
  "createdAt",
] as const;
export type ColumnKey = (typeof columnKeys)[number];

const usual: readonly ColumnKey[] = ["username", "givenName", "familyName", "email", "roles", "lastSignInAt"];

/** chosenOf reads what was kept in the browser; the username names the row and is always there. */
export function chosenOf(kept: string | null): ReadonlySet<ColumnKey> {
  const names = kept === null ? usual : kept.split(",");
  return new Set(columnKeys.filter((k) => k === "username" || names.includes(k)));
}

/** useColumns are the columns that one wants to see, kept in this browser for each organisation and user. */
export function useColumns(): [ReadonlySet<ColumnKey>, (key: ColumnKey, on: boolean) => void] {
  const place = placeOf(useSession());
  const [chosen, setChosen] = useState(() => chosenOf(localStorage.getItem(place)));
  const choose = (key: ColumnKey, on: boolean) => {
    const after = new Set(chosen);
    if (on) after.add(key);
    else after.delete(key);
    localStorage.setItem(place, columnKeys.filter((k) => after.has(k)).join(","));
    setChosen(after);
  };
  return [chosen, choose];
}

const placeOf = ({ organisation, user }: Session) => `caretaker-columns ${organisation?.slug ?? ""} ${user?.id ?? ""}`;
