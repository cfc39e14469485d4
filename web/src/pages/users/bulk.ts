import type { QueryClient } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import { problemOf, type Problem } from "../../api/problem";
import { act } from "./act";
import { keepUser, type User } from "./users";

export type BulkAction = "endDate" | "reset" | "suspend" | "archive" | "delete";

/** Step is what came of one user: nothing to say, a password to hand over, or what went wrong. */
export interface Step {
  user: User;
  password?: string | undefined;
  problem?: Problem;
}

/** So many end dates are set with one request. */
const atOnce = 200;

interface Running {
  client: QueryClient;
  users: readonly User[];
  onStep: (step: Step) => void;
  /** stopped is asked before each further one. */
  stopped: () => boolean;
}

/** each does something with one user after the other, and goes on when one fails. */
export async function each(action: Exclude<BulkAction, "endDate">, { client, users, onStep, stopped }: Running) {
  for (const user of users) {
    if (stopped()) return;
    try {
      onStep({ user, password: await act(client, action, user) });
    } catch (error) {
      onStep({ user, problem: problemOf(error) });
    }
  }
}

/** setEndDates sets the same end date for all; "" takes it away. What is wrong with the date itself it throws. */
export async function setEndDates(endsAt: string, { client, users, onStep, stopped }: Running) {
  for (let from = 0; from < users.length && !stopped(); from += atOnce) {
    const some = users.slice(from, from + atOnce);
    const body = { users: some.map((u) => u.id), endsAt };
    const { changed, failed } = await answer(api.POST("/api/v1/users/end-dates", { body }));
    for (const user of changed) {
      keepUser(client, user);
      onStep({ user });
    }
    for (const { id, code, detail } of failed) {
      const user = some.find((u) => u.id === id);
      if (user) onStep({ user, problem: { code: code as Problem["code"], detail } });
    }
  }
}
