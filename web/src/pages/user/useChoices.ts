import { useState } from "react";
import { ProblemError } from "../../api/problem";
import { sameChoices, together, type Choices } from "../../parts/choices";

/** Current are choices as the service has them, with the version that has them. */
export interface Current {
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
  save: (send: (choices: Choices, version: number) => Promise<Current>) => Promise<boolean>;
}

/**
 * useChoices holds what is chosen until it is saved; current reads what the service has. A choice is made over what was there
 * when it began, and so with that version: what is read since by itself, nobody has seen.
 */
export function useChoices(there: Current, current: () => Promise<Current>): Choosing {
  const [{ choices: base, version }, setBase] = useState(there);
  const [mine, choose] = useState(there.choices);
  const [mixed, setMixed] = useState(false);

  const take = (saved: Current) => {
    setBase(saved);
    choose(saved.choices);
    setMixed(false);
  };
  return {
    base,
    mine,
    choose,
    mixed,
    changed: !sameChoices(base, mine),
    save: async (send) => {
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
      setBase(now);
      choose(together(base, mine, now.choices));
      setMixed(true);
      return false;
    },
  };
}
