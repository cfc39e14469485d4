import { together, type Choices } from "./choices";
import { split, type Values } from "./formValues";

/** Conflict is a field that two people have changed at once to different things. */
export interface Conflict {
  name: string;
  mine: string;
  theirs: string;
}

/** Stale is what a form holds when somebody else's change came before: `base` is what both have begun with. */
export interface Stale {
  base: Values;
  mine: Values;
  theirs: Values;
  /** ticks are the fields that hold any number of many: there, everybody's ticks are kept one by one. */
  ticks: readonly string[];
}

/** conflictsOf are the fields to choose for. What only one of the two has changed needs no choice. */
export function conflictsOf({ base, mine, theirs, ticks }: Stale): Conflict[] {
  return Object.keys(mine).flatMap((name) => {
    const [was, my, their] = [base[name] ?? "", mine[name] ?? "", theirs[name]];
    return ticks.includes(name) || their === undefined || my === their || my === was || their === was
      ? []
      : [{ name, mine: my, theirs: their }];
  });
}

/** merged is what the fields are to hold: everybody's changes, and where both changed something what was chosen. */
export function merged(stale: Stale, chosen: Readonly<Record<string, "mine" | "theirs">>): Values {
  const { base, mine, theirs, ticks } = stale;
  return Object.fromEntries(
    Object.entries(mine).map(([name, my]) => {
      const their = theirs[name];
      if (their !== undefined && ticks.includes(name)) return [name, mergedTicks(base[name], my, their)];
      const untouched = my === (base[name] ?? "") || chosen[name] === "theirs";
      return [name, their !== undefined && untouched ? their : my];
    }),
  );
}

/** mergedTicks are their ticks with one's own changes made to them. */
function mergedTicks(base: string | undefined, mine: string, theirs: string): string {
  return [...together(ticked(base), ticked(mine), ticked(theirs)).keys()].join(",");
}

const ticked = (value: string | undefined): Choices => new Map(split(value).map((v) => [v, "on"]));
