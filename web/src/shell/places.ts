import type { Session } from "../api/session";
import type shell from "../locales/en/shell.json";

/** Groups of the menu, in order. */
export const groups = ["own", "administration", "platform"] as const;
export type Group = (typeof groups)[number];

/** Place is where the console has something for who may go there. */
export interface Place {
  to: string;
  label: `nav.${Exclude<keyof typeof shell.nav, Group | "label" | "menu">}`;
  group: Group;
  /** area is what leads to the place from the home page, and what the place is called after; other places have their own names. */
  area?: Area | undefined;
}

export type Area = Session["areas"][number];

/** The areas that say what a place is called: of an organisation's roles, customer service, and of others' users. */
const calledAfter: Partial<Record<string, readonly string[]>> = {
  roles: ["groups", "types"],
  contact: ["contact"],
  directory: ["directory"],
};

/** areaOf is the area that a place is called after, where the organisation has one. */
export function areaOf(place: string, { areas }: Session): Area | undefined {
  return areas.find((a) => calledAfter[place]?.includes(a.id));
}

type Offer = Place & {
  /** rights of which one is enough; none: the place is for everybody. */
  rights?: readonly string[];
};

/** Every place there is, in the order of the menu; `to` is below the organisation. */
const offers: readonly Offer[] = [
  { to: "home", label: "nav.home", group: "own" },
  { to: "me", label: "nav.me", group: "own" },
  { to: "contact", label: "nav.contact", group: "own", rights: ["contact.send"] },
  { to: "overview", label: "nav.overview", group: "administration", rights: ["users.view"] },
  { to: "users", label: "nav.users", group: "administration", rights: ["users.view"] },
  { to: "archived", label: "nav.archived", group: "administration", rights: ["users.manage"] },
  { to: "announcements", label: "nav.announcements", group: "administration", rights: ["announcements.send"] },
  { to: "agreement", label: "nav.agreement", group: "administration", rights: ["agreement.manage"] },
  { to: "roles", label: "nav.roles", group: "administration", rights: ["roles.manage", "users.view"] },
  { to: "schools", label: "nav.schools", group: "administration", rights: ["schools.view", "schools.manage"] },
  { to: "school-groups", label: "nav.schoolGroups", group: "administration", rights: ["schools.view"] },
  { to: "audit", label: "nav.audit", group: "administration", rights: ["audit.view"] },
  { to: "support-access", label: "nav.support", group: "administration", rights: ["settings.manage"] },
  { to: "settings", label: "nav.settings", group: "administration", rights: ["settings.manage"] },
  { to: "directory", label: "nav.directory", group: "administration", rights: ["directory.view"] },
  { to: "organisations", label: "nav.organisations", group: "platform", rights: ["organisations.manage"] },
  { to: "to-all", label: "nav.toAll", group: "platform", rights: ["organisations.manage"] },
];

/** placesOf are the places of the navigation. Areas that are not of the console are on the page home alone. */
export function placesOf(session: Session): Place[] {
  const may = (o: Offer) => o.rights === undefined || o.rights.some((r) => session.rights.includes(r));
  return offers
    .filter(may)
    .map((o) => ({ ...o, area: areaOf(o.to, session), to: `/o/${session.organisation?.slug ?? ""}/${o.to}` }));
}

/** pageOf is the console's own page for an area, where it has one. */
export function pageOf(area: string, slug: string): string | undefined {
  const pages: Partial<Record<string, string>> = {
    password: "me/password",
    contact: "contact",
    users: "users",
    groups: "roles",
    types: "roles",
    schools: "schools",
    schoolEditing: "schools",
    directory: "directory",
    organisations: "organisations",
  };
  const page = pages[area];
  return page === undefined ? undefined : `/o/${slug}/${page}`;
}
