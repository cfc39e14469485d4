import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";
import { useSession } from "../api/session";

// What one sees of oneself. The first word of the keys lets keepSession forget it all when somebody else signs in.

const contactsQuery = queryOptions({
  queryKey: ["own", "contacts"],
  queryFn: () => answer(api.GET("/api/v1/contacts")),
});

/** useHelpers are whom one can ask in the organisation; nobody is told to ask themselves. */
export function useHelpers(): Schemas["ContactBody"][] {
  const { user } = useSession();
  const { data } = useQuery(contactsQuery);
  return (data?.items ?? []).filter((c) => c.email === undefined || c.email !== user?.email);
}

export const rightsQuery = queryOptions({
  queryKey: ["own", "rights"],
  queryFn: () => answer(api.GET("/api/v1/rights")),
});

export const meQuery = queryOptions({
  queryKey: ["own", "details"],
  queryFn: () => answer(api.GET("/api/v1/me")),
});

export const rulesQuery = queryOptions({
  queryKey: ["own", "passwordRules"],
  queryFn: () => answer(api.GET("/api/v1/me/password-rules")),
});

export const passkeysQuery = queryOptions({
  queryKey: ["own", "passkeys"],
  queryFn: () => answer(api.GET("/api/v1/me/passkeys")),
});

export const sessionsQuery = queryOptions({
  queryKey: ["own", "sessions"],
  queryFn: () => answer(api.GET("/api/v1/me/sessions")),
});

export const communicationsQuery = queryOptions({
  queryKey: ["own", "communications"],
  queryFn: () => answer(api.GET("/api/v1/me/communications")),
});
