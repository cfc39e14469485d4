import { queryOptions, type InfiniteData, type QueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import type { Listed } from "../../parts/pages";

// The users of the organisation, as queries: lists of them, and each alone.

export type User = Schemas["UserBody"];

/** usersKey begins the key of every list of users; what is asked of the list follows. */
export const usersKey = ["own", "users"] as const;

export const userQuery = (id: string) =>
  queryOptions({
    queryKey: ["own", "user", id],
    queryFn: () => answer(api.GET("/api/v1/users/{id}", { params: { path: { id } } })),
  });

/** rolesQuery is shown by several parts of a page, of which some come later: it is asked for once. What changes roles renews it. */
export const rolesQuery = queryOptions({
  queryKey: ["own", "roles"],
  queryFn: () => answer(api.GET("/api/v1/roles")),
  staleTime: 3000, // ms
});

export const nameOf = (user: Pick<User, "givenName" | "familyName">) => `${user.givenName} ${user.familyName}`;

type Pages = InfiniteData<Listed<User>>;

/** changeLists changes every list of users that was read. */
function changeLists(client: QueryClient, change: (items: User[]) => User[]): void {
  client.setQueriesData<Pages>({ queryKey: usersKey }, (read) => {
    if (!read) return read;
    const pages = read.pages.map((page) => ({ ...page, items: change(page.items) }));
    const gone = count(read.pages) - count(pages);
    return { ...read, pages: pages.map((p) => (p.total === undefined ? p : { ...p, total: p.total - gone })) };
  });
}

const count = (pages: readonly Listed<User>[]) => pages.reduce((sum, p) => sum + p.items.length, 0);

/**
 * keepUser shows a changed user at once wherever users are shown. Lists are not asked for anew at once, for on some stores they
 * lag a moment behind a change: the row stays where it is until the list is opened again.
 */
export function keepUser(client: QueryClient, after: User): void {
  const before = client.getQueryData(userQuery(after.id).queryKey) ?? listed(client, after.id);
  keepAlone(client, after);
  const moved = before !== undefined && (before.status === "archived") !== (after.status === "archived");
  changeLists(client, (items) => items.flatMap((u) => (u.id !== after.id ? [u] : moved ? [] : [after])));
  void client.invalidateQueries({ queryKey: usersKey, refetchType: "none" });
  if (moved || before?.status !== after.status) void client.invalidateQueries({ queryKey: rolesQuery.queryKey });
}

/** keepAlone keeps what only one who is asked for alone says: a change does not tell whether its user is still locked out. */
function keepAlone(client: QueryClient, after: User): void {
  const { queryKey } = userQuery(after.id);
  const locked = client.getQueryData(queryKey)?.locked ?? false;
  client.setQueryData(queryKey, locked ? { ...after, locked } : after);
  if (locked) void client.invalidateQueries({ queryKey, exact: true });
}

/** addUser shows a new user at once, above those that were listed before. */
export function addUser(client: QueryClient, made: User): void {
  client.setQueryData(userQuery(made.id).queryKey, made);
  client.setQueriesData<Pages>(
    { queryKey: usersKey, predicate: ({ queryKey }) => queryKey[2] !== "archived" },
    (read) => {
      const first = read?.pages[0];
      if (!read || !first) return read;
      const total = first.total === undefined ? {} : { total: first.total + 1 };
      return { ...read, pages: [{ ...first, items: [made, ...first.items], ...total }, ...read.pages.slice(1)] };
    },
  );
  void client.invalidateQueries({ queryKey: usersKey, refetchType: "none" });
  void client.invalidateQueries({ queryKey: rolesQuery.queryKey });
}

/** forgetUser takes a deleted user out of everything. */
export function forgetUser(client: QueryClient, id: string): void {
  changeLists(client, (items) => items.filter((u) => u.id !== id));
  client.removeQueries({ queryKey: userQuery(id).queryKey });
  void client.invalidateQueries({ queryKey: usersKey, refetchType: "none" });
  void client.invalidateQueries({ queryKey: rolesQuery.queryKey });
}

function listed(client: QueryClient, id: string): User | undefined {
  const lists = client.getQueriesData<Pages>({ queryKey: usersKey });
  const users = lists.flatMap(([, read]) => read?.pages.flatMap((p) => p.items) ?? []);
  return users.find((u) => u.id === id);
}
