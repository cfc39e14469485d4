/** Choices are what is chosen of many things, each with what was chosen for it; what is not in it was not chosen. */
export type Choices = ReadonlyMap<string, string>;

export function sameChoices(a: Choices, b: Choices): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

/** together is somebody else's choices with one's own changes made to them. */
export function together(base: Choices, mine: Choices, theirs: Choices): Choices {
  const both = new Map(theirs);
  for (const key of new Set([...base.keys(), ...mine.keys()])) {
    const my = mine.get(key);
    if (my === base.get(key)) continue;
    if (my === undefined) both.delete(key);
    else both.set(key, my);
  }
  return both;
}

/** chosen is a copy of the choices with one more, or one fewer (undefined). */
export function chosen(choices: Choices, key: string, value: string | undefined): Choices {
  const after = new Map(choices);
  if (value === undefined) after.delete(key);
  else after.set(key, value);
  return after;
}
