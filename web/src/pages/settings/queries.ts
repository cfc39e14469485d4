import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import { ProblemError } from "../../api/problem";

// What the pages of settings read. The first word of the keys lets keepSession forget it all when somebody else signs in.

export const settingsQuery = queryOptions({
  queryKey: ["own", "settings"],
  queryFn: () => answer(api.GET("/api/v1/settings")),
});

export const providerQuery = queryOptions({
  queryKey: ["own", "identityProvider"],
  queryFn: () => answer(api.GET("/api/v1/identity-provider")),
});

/** primaryContactQuery is null while there is nobody. */
export const primaryContactQuery = queryOptions({
  queryKey: ["own", "primaryContact"],
  queryFn: async () => {
    try {
      return await answer(api.GET("/api/v1/primary-contact"));
    } catch (error) {
      if (error instanceof ProblemError && error.problem.code === "not_found") return null;
      throw error;
    }
  },
});
