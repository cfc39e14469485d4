import type { Schemas } from "../../api/client";
import { languages } from "../../i18n";
import { split, type Values } from "../../parts/formValues";
import type { Role } from "./queries";

/** Demands of a role's holders that can be ticked. */
export const demands = ["atLeastOne", "atMostOne", "allSchools"] as const;

/** otherName is a role's name in a language that is not the organisation's, "" where it is the same. */
export function otherName(role: Pick<Role, "name" | "names">, language: string): string {
  const name = role.names[language] ?? "";
  return name === role.name ? "" : name;
}

/** nameField is the field for the name in another language. */
export const nameField = (language: string): string => `names.${language}`;

/** valuesOfRole are the values of the form's fields for a role. */
export function valuesOfRole(role: Role, own: string): Values {
  const names = languages.filter((l) => l !== own).map((l) => [nameField(l), otherName(role, l)]);
  const ticks = demands.map((d) => [d, role.constraints[d] ? "on" : ""]);
  return {
    name: role.name,
    rights: role.rights.join(","),
    requires: (role.constraints.requires ?? []).join(","),
    ...(Object.fromEntries([...names, ...ticks]) as Values),
  };
}

/** bodyOf is what the API takes of the form's values. */
export function bodyOf(values: Values, own: string): Schemas["NewRoleBody"] {
  const name = values["name"] ?? "";
  const others = languages.filter((l) => l !== own).map((l) => [l, values[nameField(l)]?.trim() ?? ""] as const);
  return {
    name,
    names: { ...Object.fromEntries(others.filter(([, text]) => text !== "")), [own]: name },
    rights: split(values["rights"]),
    constraints: {
      ...Object.fromEntries(demands.map((d) => [d, values[d] === "on"])),
      requires: split(values["requires"]),
    },
  };
}
