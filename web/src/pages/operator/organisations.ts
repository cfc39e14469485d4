import { queryOptions, type QueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import type operator from "../../locales/en/operator.json";
import entitlements from "./presets.json";

export type Organisation = Schemas["OrganisationBody"];
export type Closed = Schemas["ClosedBody"];
export type Preset = keyof typeof entitlements;
export type Entitlement = keyof typeof operator.entitlement;

/** What an organisation can be, with what is given to some of that kind only; a test of the presets holds this against them. */
export const presets = Object.keys(entitlements) as Preset[];

export const entitlementsOf = (preset: string): Entitlement[] =>
  ((entitlements as Partial<Record<string, string[]>>)[preset] ?? []) as Entitlement[];

const all = ["own", "organisations"] as const;

/** organisationsQuery reads every organisation, so that they can be searched. */
export const organisationsQuery = queryOptions({
  queryKey: [...all, "list"],
  queryFn: async () => {
    const items: Organisation[] = [];
    for (let cursor: { cursor?: string } | undefined = {}; cursor !== undefined;) {
      const page: { items: Organisation[]; nextCursor?: string } = await answer(
        api.GET("/api/v1/operator/organisations", { params: { query: { limit: 200, ...cursor } } }),
      );
      items.push(...page.items);
      cursor = page.nextCursor === undefined ? undefined : { cursor: page.nextCursor };
    }
    return items;
  },
});

export const closedKey = [...all, "closed"] as const;

export const organisationQuery = (id: string) =>
  queryOptions({
    queryKey: [...all, "one", id],
    queryFn: () => answer(api.GET("/api/v1/operator/organisations/{id}", { params: { path: { id } } })),
  });

/** keepOrganisation shows an organisation as it is now wherever it is shown. */
export function keepOrganisation(client: QueryClient, organisation: Organisation): void {
  client.setQueryData(organisationQuery(organisation.id).queryKey, organisation);
  void client.invalidateQueries({ queryKey: organisationsQuery.queryKey });
}

/** forgetOrganisation is for one that is open no more. */
export function forgetOrganisation(client: QueryClient, id: string): void {
  client.removeQueries({ queryKey: organisationQuery(id).queryKey });
  void client.invalidateQueries({ queryKey: organisationsQuery.queryKey });
  void client.invalidateQueries({ queryKey: closedKey });
}
