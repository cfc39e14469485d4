import { useState } from "react";
import { ProblemError } from "../../api/problem";

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

interface Current {
  choices: Choices;
  version: number;
}

interface Choosing {
  base: Choices;
  mine: Choices;
  choose: (choices: Choices) => void;
  changed: boolean;
  /** mixed tells that somebody else's change is in what is chosen, which was not saved yet. */
  mixed: boolean;
  /**
   * save sends what is chosen. Where somebody else changed the user meanwhile it is sent again on top of that, unless the same
   * choices were changed: then both changes are shown, and it answers false.
   */
  save: (version: number, send: (choices: Choices, version: number) => Promise<Choices>) => Promise<boolean>;
}

/** useChoices holds what is chosen until it is saved; current reads what the service has. */
export function useChoices(there: Choices, current: () => Promise<Current>): Choosing {
  const [base, setBase] = useState(there);
  const [mine, choose] = useState(there);
  const [mixed, setMixed] = useState(false);

  const take = (choices: Choices) => {
    setBase(choices);
    choose(choices);
    setMixed(false);
  };
  return {
    base,
    mine,
    choose,
    mixed,
    changed: !sameChoices(base, mine),
    save: async (version, send) => {
      try {
        take(await send(mine, version));
        return true;
      } catch (error) {
        if (!(error instanceof ProblemError) || error.problem.code !== "stale_version") throw error;
      }
      const now = await current();
      if (sameChoices(base, now.choices)) {
        take(await send(mine, now.version));
        return true;
      }
      setBase(now.choices);
      choose(together(base, mine, now.choices));
      setMixed(true);
      return false;
    },
  };
}
