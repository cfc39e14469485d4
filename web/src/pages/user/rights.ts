import type { Choices } from "../../parts/choices";
import type { Role, User } from "./user";

/** rightsOf are the rights that some roles give together. */
export function rightsOf(roles: readonly Role[], held: Iterable<string>): Set<string> {
  const ids = new Set(held);
  return new Set(roles.filter((r) => ids.has(r.id)).flatMap((r) => r.rights));
}

/** singly is what a user is granted and denied beside the roles: "grant" or "deny" for each such right. */
export function singly(user: User): Choices {
  const granted = (user.granted ?? []).map((g): [string, string] => [g.right, "grant"]);
  const denied = (user.denied ?? []).map((right): [string, string] => [right, "deny"]);
  return new Map([...granted, ...denied]);
}

/** isHeld tells whether a user has a right, by the roles or singly. */
export function isHeld(right: string, byRoles: ReadonlySet<string>, single: Choices): boolean {
  const choice = single.get(right);
  return choice === undefined ? byRoles.has(right) : choice === "grant";
}

/** Effect is what a change of roles does to the rights. */
export interface Effect {
  gained: string[];
  lost: string[];
}

/** effectOf says which rights the user gains and loses by other roles. */
export function effectOf(user: User, roles: readonly Role[], after: Iterable<string>): Effect {
  const [was, will, single] = [rightsOf(roles, user.roles), rightsOf(roles, after), singly(user)];
  const all = [...new Set([...was, ...will])];
  const had = (right: string) => isHeld(right, was, single);
  const has = (right: string) => isHeld(right, will, single);
  return { gained: all.filter((r) => has(r) && !had(r)), lost: all.filter((r) => had(r) && !has(r)) };
}

/** choiceFor is what has to be chosen singly so that a right is held, or not, over what the roles give. */
export function choiceFor(held: boolean, byRole: boolean, before: string | undefined): string | undefined {
  if (held) return byRole && before !== "grant" ? undefined : "grant";
  return byRole || before === "deny" ? "deny" : undefined;
}
