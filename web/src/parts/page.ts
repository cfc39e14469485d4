import { lazy, type ComponentType } from "react";
import { lazily } from "./lazily";

/** page is a page in a file of its own, which is fetched when somebody goes there. */
export function page<Name extends string>(name: Name, load: () => Promise<Record<Name, ComponentType>>) {
  return lazy(async () => ({ default: (await lazily(load))[name] }));
}
