import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "../api/client";

// What one sees of oneself. The first word of the keys lets keepSession forget it all when somebody else signs in.

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
