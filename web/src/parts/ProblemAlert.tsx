import { Alert, List, Text } from "@mantine/core";
import i18next from "i18next";
import { useTranslation } from "react-i18next";
import type { Problem } from "../api/problem";
import { Helpers } from "./Helpers";

/** ProblemAlert says what went wrong, and whom to ask where somebody can help. */
export function ProblemAlert({ problem, more }: { problem: Problem; more?: string | undefined }) {
  const text = useProblemText();
  return (
    <Alert color="red" role="alert">
      <Text inherit>{text(problem)}</Text>
      {more && (
        <List mt="xs">
          <List.Item>{more}</List.Item>
        </List>
      )}
      {problem.contacts && problem.contacts.length > 0 && <Helpers contacts={problem.contacts} />}
    </Alert>
  );
}

/**
 * useProblemText says a problem in the user's language: by its code where there is a text for it, else in the API's own
 * words, which are English.
 */
export function useProblemText(): (problem: Problem) => string {
  const { t } = useTranslation("problems");
  return (problem) => {
    const minutes = Math.ceil((problem.retryAfter ?? 0) / 60);
    if (minutes > 0 && (problem.code === "locked" || problem.code === "too_many_requests")) {
      return t("wait", { count: minutes });
    }
    if (i18next.exists(`problems:${problem.code}`)) return t(problem.code as "internal");
    return problem.detail ?? t("internal");
  };
}
