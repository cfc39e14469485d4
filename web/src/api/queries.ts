import { QueryClient } from "@tanstack/react-query";
import { ProblemError } from "./problem";

/** client keeps what the API has answered. */
export const client = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: "always", // whether there is a connection, requests tell better than the browser does
      retry: worthRepeating,
      retryDelay: (attempt) => Math.min(1000 * 2 ** attempt, 15_000),
      refetchOnWindowFocus: false, // what asks by itself would keep a session alive that nobody uses
    },
    mutations: { networkMode: "always" },
  },
});

/** worthRepeating: until there is a connection again, or a few times for what passes by itself. */
function worthRepeating(failures: number, error: Error): boolean {
  if (!(error instanceof ProblemError)) return false;
  if (error.problem.code === "connection") return true;
  return error.problem.code === "unavailable" && failures < 3;
}
