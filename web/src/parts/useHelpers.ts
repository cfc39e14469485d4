import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";
import { sessionQuery } from "../api/session";

// The first word of the key lets keepSession forget it when somebody else signs in.
const contactsQuery = queryOptions({
  queryKey: ["own", "contacts"],
  queryFn: () => answer(api.GET("/api/v1/contacts")),
});

/** useHelpers are whom one can ask in the organisation; nobody is told to ask themselves. */
export function useHelpers(): Schemas["ContactBody"][] {
  const { data: session } = useQuery(sessionQuery);
  const { data } = useQuery(contactsQuery);
  return (data?.items ?? []).filter((c) => c.email === undefined || c.email !== session?.user?.email);
}
