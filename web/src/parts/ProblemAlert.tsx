import { Alert, List, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Problem } from "../api/problem";
import { Helpers } from "./Helpers";
import { problemText } from "./problemText";

/** ProblemAlert says what went wrong, and whom to ask where somebody can help. */
export function ProblemAlert({ problem, more }: { problem: Problem; more?: string | undefined }) {
  useTranslation("answers", { useSuspense: false }); // says it anew once its words are there
  return (
    <Alert color="red" role="alert">
      <Text inherit>{problemText(problem)}</Text>
      {more && (
        <List mt="xs">
          <List.Item>{more}</List.Item>
        </List>
      )}
      {problem.contacts && problem.contacts.length > 0 && <Helpers contacts={problem.contacts} />}
    </Alert>
  );
}
