import type { QueryClient } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import { forgetUser, keepUser, type User } from "./users";

/** Action is what can be done with an account as a whole. */
export type Action = "reset" | "unlock" | "suspend" | "reinstate" | "archive" | "restore" | "delete";

/**
 * act does it and shows it everywhere at once. It returns a password that is to be handed over, where there is one. The version
 * is left out on purpose: a sign-in meanwhile is a change too, and none of these depends on what else the account is like.
 */
export async function act(client: QueryClient, action: Action, user: Pick<User, "id">): Promise<string | undefined> {
  const params = { path: { id: user.id } };
  switch (action) {
    case "delete":
      await answer(api.DELETE("/api/v1/users/{id}", { params }));
      forgetUser(client, user.id);
      return undefined;
    case "reset": {
      const reset = await answer(api.POST("/api/v1/users/{id}/password-reset", { params }));
      keepUser(client, reset.user);
      return reset.temporaryPassword;
    }
    default:
      keepUser(client, await answer(api.POST(`/api/v1/users/{id}/${action}`, { params })));
      return undefined;
  }
}
