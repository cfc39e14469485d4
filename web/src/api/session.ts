import { queryOptions, useQuery, type QueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";
import { ProblemError } from "./problem";
import { lastUse } from "./reach";
import { Store } from "./store";

/** left is true from signing out until somebody is in again: the way in then begins anew, and not where one was. */
export const left = new Store(false);

export type Session = Schemas["SessionBody"];

/** sessionQuery is who is signed in; null is nobody. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: readSession,
  staleTime: Infinity,
});

async function readSession(): Promise<Session | null> {
  try {
    return noted(await answer(api.GET("/api/v1/session")));
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === "not_signed_in") return noted(null);
    throw error;
  }
}

/** keepSession remembers what the API answered about the session. Another user's data are not for this one to see. */
export function keepSession(client: QueryClient, session: Session | null): void {
  const before = client.getQueryData(sessionQuery.queryKey);
  const over = session === null || session.status === "ended" || session.status === "signInAgain";
  // support staff are the same user elsewhere
  const other = before?.user?.id !== session?.user?.id || before?.organisation?.slug !== session?.organisation?.slug;
  if (over || (before && other)) {
    client.removeQueries({ predicate: (query) => query.queryKey[0] === "own" });
  }
  client.setQueryData(sessionQuery.queryKey, noted(over ? null : session));
}

function noted(session: Session | null): Session | null {
  if (session) left.set(false);
  lastUse.set(session?.status === "active" ? Date.now() : 0);
  return session;
}

/** useSession is the session of a page that only shows to who is signed in. */
export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error("this page is for who is signed in");
  return data;
}

/** useAt makes addresses of the organisation's pages. */
export function useAt(): (page: string) => string {
  const slug = useSession().organisation?.slug ?? "";
  return (page) => `/o/${slug}/${page}`;
}
