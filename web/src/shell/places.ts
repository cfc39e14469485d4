import type { Session } from "../api/session";

/** Place is where the console has something for who may go there. */
export interface Place {
  to: string;
  label: "nav.home" | "nav.me" | "nav.contact";
}

/** placesOf are the places of the navigation. Areas that are not of the console are on the page home alone. */
export function placesOf(session: Session): Place[] {
  const at = `/o/${session.organisation?.slug ?? ""}`;
  const places: Place[] = [
    { to: `${at}/home`, label: "nav.home" },
    { to: `${at}/me`, label: "nav.me" },
  ];
  if (session.rights.includes("contact.send")) places.push({ to: `${at}/contact`, label: "nav.contact" });
  return places;
}

/** pageOf is the console's own page for an area, where it has one. */
export function pageOf(area: string, slug: string): string | undefined {
  const pages: Partial<Record<string, string>> = { password: "me/password", contact: "contact" };
  const page = pages[area];
  return page === undefined ? undefined : `/o/${slug}/${page}`;
}
