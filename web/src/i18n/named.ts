import i18next from "i18next";

type Named = { names: Partial<Record<string, string>> } & ({ label: string } | { name: string });

/** named is what a role, a right or an area is called in the language that is read, or else in the organisation's. */
export function named(thing: Named): string {
  return thing.names[i18next.language] ?? ("label" in thing ? thing.label : thing.name);
}

/** namedBy is what the one of some things is called that has an id; the id, where there is none. */
export function namedBy(id: string, things: readonly (Named & { id: string })[] = []): string {
  const thing = things.find((t) => t.id === id);
  return thing ? named(thing) : id;
}
