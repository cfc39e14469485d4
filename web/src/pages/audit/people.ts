import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import { ProblemError } from "../../api/problem";

/** userNamed is the id of who has a username, also in the archive; an id is taken as it is, for who is not there any more. */
export async function userNamed(typed: string): Promise<string | undefined> {
  const sought = typed.trim();
  if (sought === "" || /^[0-9a-hjkmnp-tv-z]{26}$/.test(sought)) return sought;
  for (const query of [{ q: sought }, { q: sought, status: "archived" as const }]) {
    const { items } = await answer(api.GET("/api/v1/users", { params: { query } }));
    const found = items.find((u) => u.username.toLowerCase() === sought.toLowerCase());
    if (found) return found.id;
  }
  return undefined;
}

/** usernameQuery is what the fields of the filter show for an id in the address. */
export const usernameQuery = (id: string) =>
  queryOptions({
    queryKey: ["own", "username", id],
    queryFn: async () => {
      if (id === "") return "";
      try {
        return (await answer(api.GET("/api/v1/users/{id}", { params: { path: { id } } }))).username;
      } catch (error) {
        if (error instanceof ProblemError) return id; // gone, or not for us to see
        throw error;
      }
    },
  });
