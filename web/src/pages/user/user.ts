import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { useOutletContext } from "react-router";
import { answer, api, type Schemas } from "../../api/client";
import { sessionQuery, useSession } from "../../api/session";
import { keepUser, rolesQuery, type User } from "../users/users";

// What is known of one user. The first word of the keys lets keepSession forget it all when somebody else signs in.

export { nameOf, rolesQuery, userQuery, type User } from "../users/users";
export { rightsQuery } from "../own";
export type Role = Schemas["RoleBody"];
export type Right = Schemas["RightBody"];

const of = (id: string) => ({ params: { path: { id } } });

export const userSchoolsQuery = (id: string) =>
  queryOptions({
    queryKey: ["own", "user", id, "schools"],
    queryFn: () => answer(api.GET("/api/v1/users/{id}/schools", of(id))),
  });

export const userAgreementsQuery = (id: string) =>
  queryOptions({
    queryKey: ["own", "user", id, "agreements"],
    queryFn: () => answer(api.GET("/api/v1/users/{id}/agreements", of(id))),
  });

/** useUser is the user whom the page is about. */
export const useUser = () => useOutletContext<User>();

/** useMay tells whether whoever is signed in has a right. */
export function useMay(right: string): boolean {
  return useSession().rights.includes(right);
}

export const ifMatch = (id: string, version: number) => ({
  params: { path: { id }, header: { "If-Match": `"${version}"` } },
});

/** useKeepUser takes what a change has made of the user: for this page at once, for others when they are looked at. */
export function useKeepUser(): (after: User) => Promise<void> {
  const client = useQueryClient();
  const self = useSession().user?.id;
  return async (after) => {
    keepUser(client, after);
    void client.invalidateQueries({ queryKey: ["own", "user", after.id, "audit"] });
    void client.invalidateQueries({ queryKey: rolesQuery.queryKey });
    if (after.id === self) await client.invalidateQueries({ queryKey: sessionQuery.queryKey });
  };
}
