import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";

export type EntranceBody = Schemas["EntranceAnswerBody"];

/** entranceQuery is what everybody may know of an organisation: its name and look, how to sign in, whom to ask. */
export const entranceQuery = (slug: string) =>
  queryOptions({
    queryKey: ["entrance", slug],
    queryFn: () => answer(api.GET("/api/v1/organisations/{slug}/sign-in", { params: { path: { slug } } })),
    staleTime: 5 * 60_000,
  });
