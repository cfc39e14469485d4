import { useQuery } from "@tanstack/react-query";
import { useSession } from "../../api/session";
import { named } from "../../i18n/named";
import type { Names } from "../../parts/trail";
import { rightsQuery } from "../own";
import { rolesQuery } from "./users";

/** useTrailNames are what roles and rights are called, of which the audit trail has the ids. */
export function useTrailNames(): Names {
  const mayRead = useSession().rights.includes("users.view");
  const { data: roles } = useQuery({ ...rolesQuery, enabled: mayRead });
  const { data: rights } = useQuery(rightsQuery);
  return new Map([...(roles?.items ?? []), ...(rights?.items ?? [])].map((r) => [r.id, named(r)]));
}
