import { useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import type { paths } from "../../api/schema";

type Query = NonNullable<paths["/api/v1/users"]["get"]["parameters"]["query"]>;

/** Filters is what is asked of the list, as it stands in the address, so that pages and mails can lead to it. */
export type Filters = Omit<Query, "limit" | "cursor">;

export const sorts = ["familyName", "givenName", "username", "email", "lastSignInAt"] as const;
export type Sort = (typeof sorts)[number];

const statuses = ["active", "suspended"] as const;

/** filtersOf reads an address; what makes no sense in it is left out. */
export function filtersOf(params: URLSearchParams): Filters {
  const filters: Filters = {};
  for (const name of ["q", "role", "school", "site"] as const) {
    const value = params.get(name)?.trim().slice(0, 100) ?? "";
    if (value !== "") filters[name] = value;
  }
  const status = statuses.find((s) => s === params.get("status"));
  if (status) filters.status = status;
  const months = Number(params.get("inactiveMonths"));
  if (Number.isInteger(months) && months >= 1 && months <= 120) filters.inactiveMonths = months;
  if (params.get("undeliverable") === "true") filters.undeliverable = true;
  if (params.get("neverSignedIn") === "true") filters.neverSignedIn = true;
  const sort = sorts.find((s) => s === params.get("sort"));
  if (sort) filters.sort = sort;
  if (params.get("order") === "desc") filters.order = "desc";
  return filters;
}

/** filtered tells whether the list shows less than everybody. */
export const filtered = (filters: Filters): boolean =>
  Object.keys(filters).some((name) => name !== "sort" && name !== "order");

/**
 * useFilters are the filters of the page's address, and a way to change some of them: "" takes one away. The router takes a
 * change over when there is time; until then it is known here, so that fields do not fall back while somebody goes on.
 */
export function useFilters(): [Filters, (change: Partial<Record<keyof Filters, string>>) => void, () => void] {
  const [params, setParams] = useSearchParams();
  const [{ from, ahead }, setAhead] = useState({ from: params, ahead: params });
  if (from !== params) setAhead({ from: params, ahead: params });
  const filters = useMemo(() => filtersOf(ahead), [ahead]);
  const change = (some: Partial<Record<keyof Filters, string>>) => {
    const after = new URLSearchParams(location.search); // where the router may not be yet
    for (const [name, value] of Object.entries(some)) {
      if (value === "") after.delete(name);
      else after.set(name, value);
    }
    setAhead({ from: params, ahead: after });
    setParams(after, { replace: true });
  };
  const clear = () => {
    change({
      q: "",
      role: "",
      school: "",
      site: "",
      status: "",
      inactiveMonths: "",
      undeliverable: "",
      neverSignedIn: "",
    });
  };
  return [filters, change, clear];
}
