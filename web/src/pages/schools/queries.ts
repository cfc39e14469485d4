import { queryOptions, type InfiniteData, type QueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import type { Listed } from "../../parts/pages";
import { placed } from "./placed";

export type School = Schemas["SchoolBody"];
export type SchoolGroup = Schemas["SchoolGroupBody"];

/** The key of the list of schools; what is sought follows. */
export const schoolsKey = ["own", "schools"] as const;

export const readSchools = (q: string, more: { cursor?: string; limit?: number }) =>
  answer(api.GET("/api/v1/schools", { params: { query: { ...(q === "" ? {} : { q }), ...more } } }));

/** allSchoolsQuery reads every school, to tick some of them: there can be thousands. */
export const allSchoolsQuery = queryOptions({
  queryKey: ["own", "allSchools"],
  queryFn: async () => {
    const all: School[] = [];
    for (let cursor: string | undefined = ""; cursor !== undefined;) {
      const found: Listed<School> = await readSchools("", { limit: 1000, ...(cursor === "" ? {} : { cursor }) });
      all.push(...found.items);
      cursor = found.nextCursor;
    }
    return all;
  },
});

export const mySchoolsQuery = queryOptions({
  queryKey: ["own", "mySchools"],
  queryFn: () => answer(api.GET("/api/v1/me/schools")),
});

export const groupsQuery = queryOptions({
  queryKey: ["own", "schoolGroups"],
  queryFn: async () => (await answer(api.GET("/api/v1/school-groups"))).items,
});

/** keepSchool shows a school as it is now, wherever it is listed; the API's own lists may lag behind. */
export function keepSchool(client: QueryClient, id: string, school: School | null): void {
  for (const [key] of client.getQueriesData({ queryKey: schoolsKey })) {
    const sought = key[schoolsKey.length];
    client.setQueryData<InfiniteData<Listed<School>>>(
      key,
      (found) =>
        found && { ...found, pages: placed(found.pages, id, school, typeof sought === "string" ? sought : "") },
    );
  }
  client.removeQueries({ queryKey: allSchoolsQuery.queryKey });
  if (school === null) void client.invalidateQueries({ queryKey: groupsQuery.queryKey });
}

/** keepGroup shows a school group as it is now. */
export function keepGroup(client: QueryClient, id: string, group: SchoolGroup | null): void {
  client.setQueryData(groupsQuery.queryKey, (all) => {
    if (all === undefined) return undefined;
    const others = all.filter((g) => g.id !== id);
    return group === null ? others : [...others, group].sort((a, b) => a.name.localeCompare(b.name));
  });
}
