import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../api/client";

export const overviewQuery = queryOptions({
  queryKey: ["own", "overview"],
  queryFn: () => answer(api.GET("/api/v1/overview")),
});

export const forecastQuery = queryOptions({
  queryKey: ["own", "forecast"],
  queryFn: () => answer(api.GET("/api/v1/forecast", { params: { query: { months: 12 } } })),
});
