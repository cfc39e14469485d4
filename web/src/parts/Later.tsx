import { Button, Loader } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "../api/problem";
import { ProblemAlert } from "./ProblemAlert";

/** Later shows what a query brings, once it is there: until then that it is coming, or what went wrong. */
export function Later<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  const { t } = useTranslation();
  if (query.data !== undefined) return children(query.data);
  if (!query.isError) return <Waiting />;
  const problem = problemOf(query.error);
  return (
    <>
      <ProblemAlert problem={problem} />
      {problem.code !== "missing_right" && (
        <div>
          <Button variant="default" onClick={() => void query.refetch()}>
            {t("again")}
          </Button>
        </div>
      )}
    </>
  );
}

export function Waiting() {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("waiting")}>
      <Loader size="sm" type="dots" aria-hidden="true" />
    </div>
  );
}
