import { Alert, List, Text } from "@mantine/core";
import { use } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "../api/problem";
import { Helpers, WhomToAskBelow } from "./Helpers";
import { problemText } from "./problemText";
import { useHelpers } from "./useHelpers";

/** ProblemAlert says what went wrong, and whom to ask where somebody can help. */
export function ProblemAlert({ problem, more }: { problem: Problem; more?: string | undefined }) {
  const below = use(WhomToAskBelow);
  useTranslation("answers", { useSuspense: false }); // says it anew once its words are there
  return (
    <Alert color="red" role="alert">
      <Text inherit>{problemText(problem)}</Text>
      {more && (
        <List mt="xs">
          <List.Item>{more}</List.Item>
        </List>
      )}
      {!below && problem.contacts && <Helpers contacts={problem.contacts} />}
      {!below && problem.code === "missing_right" && <WhoCanHelp />}
    </Alert>
  );
}

/** WhoCanHelp names whom to ask for a right; who may not do something is signed in. */
function WhoCanHelp() {
  return <Helpers contacts={useHelpers()} />;
}
