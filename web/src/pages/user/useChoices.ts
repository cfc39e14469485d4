import { useState } from "react";
import { ProblemError } from "../../api/problem";
import { sameChoices, together, type Choices } from "../../parts/choices";

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
