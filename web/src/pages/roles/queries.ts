import { queryOptions, type QueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import { sessionQuery } from "../../api/session";
import { settingsQuery } from "../settings/queries";
import { rolesQuery } from "../users/users";

export type Role = Schemas["RoleBody"];
export type Right = Schemas["RightBody"];
export type Area = Schemas["AreaRightsBody"];

/** roleList is the roles as a list. */
export const roleList = { ...rolesQuery, select: ({ items }: { items: Role[] }) => items };

/** Catalogue is what roles are made of. */
export interface Catalogue {
  rights: Right[];
  areas: Area[];
}

export const catalogueQuery = queryOptions({
  queryKey: ["own", "catalogue"],
  queryFn: async (): Promise<Catalogue> => {
    const [rights, areas] = await Promise.all([answer(api.GET("/api/v1/rights")), answer(api.GET("/api/v1/areas"))]);
    return { rights: rights.items, areas: areas.items };
  },
});

/**
 * keepRole shows a role as it is now, wherever it is shown; null is a role that is gone. One's own rights may be others now,
 * and the settings, which the roles are stored with, have another version.
 */
export function keepRole(client: QueryClient, id: string, role: Role | null): void {
  client.setQueryData(rolesQuery.queryKey, (read) => {
    if (read === undefined) return undefined;
    const after = role === null ? [] : [role];
    const there = read.items.some((r) => r.id === id);
    return {
      ...read,
      items: there ? read.items.flatMap((r) => (r.id === id ? after : [r])) : [...read.items, ...after],
    };
  });
  void client.invalidateQueries({ queryKey: rolesQuery.queryKey });
  void client.invalidateQueries({ queryKey: settingsQuery.queryKey });
  void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
}
