import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import { ProblemError } from "../../api/problem";

export type Conditions = Schemas["AgreementAnswerBody"];
export type Version = Schemas["AgreementVersionBody"];

/** What begins the keys of all that is known of the conditions of use. */
export const agreementKey = ["own", "agreement"] as const;

/** conditionsQuery is a version of the conditions of use; 0 is the one in force. null: there is none. */
export function conditionsQuery(version: number) {
  return queryOptions({
    queryKey: [...agreementKey, version],
    queryFn: () => conditions(version),
  });
}

async function conditions(version: number): Promise<Conditions | null> {
  try {
    return await answer(api.GET("/api/v1/agreement", { params: { query: version > 0 ? { version } : {} } }));
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === "not_found") return null;
    throw error;
  }
}

export const versions = (cursor: { cursor?: string }, limit = 25) =>
  answer(api.GET("/api/v1/agreement/versions", { params: { query: { limit, ...cursor } } }));

/** effectQuery is whom a further version would be put before. */
export const effectQuery = queryOptions({
  queryKey: [...agreementKey, "effect"],
  queryFn: () => versions({}, 1),
});
