import createClient from "openapi-fetch";
import { ProblemError, type Problem } from "./problem";
import { reach } from "./reach";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** api calls the operations of docs/openapi.yaml; what they take and answer is checked when this is compiled. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: reach });

/** answer waits for an operation: its answer, or a ProblemError. */
export async function answer<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  throw new ProblemError(isProblem(error) ? error : { code: codeOf(response.status) });
}

function isProblem(error: unknown): error is Problem {
  return typeof error === "object" && error !== null && "code" in error;
}

/** codeOf names what came from something between us and the API, which does not write problem documents. */
function codeOf(status: number): Problem["code"] {
  if (status === 429) return "too_many_requests";
  return status === 502 || status === 503 || status === 504 ? "unavailable" : "internal";
}
