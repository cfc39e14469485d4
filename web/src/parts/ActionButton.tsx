import { Button, Stack, type ButtonProps } from "@mantine/core";
import { useState } from "react";
import { problemOf, type Problem } from "../api/problem";
import { ProblemAlert } from "./ProblemAlert";

interface ActionButtonProps extends Pick<ButtonProps, "variant" | "fullWidth"> {
  label: string;
  onAct: () => Promise<void>;
}

/** ActionButton does one thing without a form, and says what went wrong where it stands. */
export function ActionButton({ label, onAct, variant = "default", ...props }: ActionButtonProps) {
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const act = async () => {
    setPending(true);
    setProblem(undefined);
    try {
      await onAct();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setPending(false);
    }
  };
  return (
    <Stack gap="xs" align={props.fullWidth ? "stretch" : "flex-start"}>
      <Button variant={variant} loading={pending} onClick={() => void act()} {...props}>
        {label}
      </Button>
      {problem && <ProblemAlert problem={problem} />}
    </Stack>
  );
}
