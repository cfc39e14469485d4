import {
  keepPreviousData,
  useInfiniteQuery,
  type InfiniteData,
  type QueryKey,
  type UseInfiniteQueryResult,
} from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { ReactNode } from "react";
import { ActionButton } from "./ActionButton";
import { Later } from "./Later";

/** Listed is a page of a list as the API answers it. */
export interface Listed<T> {
  items: T[];
  nextCursor?: string;
  total?: number;
}

/**
 * usePages reads a list page by page; the key begins with "own" (api/session.ts). With `still`, what was found before is shown
 * until what is asked for now has come: for one list that is filtered and sorted, so that the page does not jump.
 */
export function usePages<T, P extends Listed<T> = Listed<T>>(
  queryKey: QueryKey,
  read: (cursor: { cursor?: string }) => Promise<P>,
  { still = false } = {},
) {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam === "" ? {} : { cursor: pageParam }),
    initialPageParam: "",
    getNextPageParam: (last: P) => last.nextCursor ?? null,
    ...(still && { placeholderData: keepPreviousData }),
  });
}

interface PagesProps<T> {
  query: UseInfiniteQueryResult<InfiniteData<Listed<T>>>;
  children: (rows: T[], total: number | undefined) => ReactNode;
}

/** Pages shows what is read of a list so far, and reads on when asked. */
export function Pages<T>({ query, children }: PagesProps<T>) {
  const { t } = useTranslation("parts");
  return (
    <>
      <Later query={query}>
        {({ pages }) =>
          children(
            pages.flatMap((p) => p.items),
            pages[0]?.total,
          )
        }
      </Later>
      {query.hasNextPage && (
        <ActionButton
          label={t("more")}
          onAct={async () => {
            const { error } = await query.fetchNextPage();
            if (error) throw error;
          }}
        />
      )}
    </>
  );
}
