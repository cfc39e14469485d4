import { Alert, Button, Group, Stack } from "@mantine/core";
import { createContext, Fragment, use, useEffect, useRef, useState, type ReactNode, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrors, problemOf, type Problem } from "../api/problem";
import classes from "./Form.module.css";
import { fieldNames, focusTrouble, missingFields, valuesOf, Withheld, type Values } from "./formValues";
import { useMerging } from "./merging";
import { ProblemAlert } from "./ProblemAlert";
import { fieldText, loadAnswers, problemText } from "./problemText";

interface State {
  errors: Record<string, string>;
  /** given is what fields hold instead of what the page says, after two changes at once were brought together. */
  given: Values;
}

const FormContext = createContext<State>({ errors: {}, given: {} });

interface FormProps {
  /** onSubmit sends what was typed; a problem it throws is shown at the fields it names, and Withheld, or a question that was cancelled, is none. */
  onSubmit: (values: Values) => Promise<void>;
  submit: string;
  /**
   * current reads what is there now, by the names of the fields, and has the page take it as what it changes: with it, somebody
   * else's change that came before (412) is shown beside one's own, to choose from.
   */
  current?: () => Promise<Values>;
  /** done is said when onSubmit has come to its end, where the page stays. */
  done?: string;
  /** beside stands next to the button, such as a way out. */
  beside?: ReactNode;
  /** clear empties the fields when it is done, as for passwords. */
  clear?: boolean;
  color?: string | undefined;
  /** sticky keeps the button in sight, in a form that is longer than the screen. */
  sticky?: boolean;
  children: ReactNode;
}

/** Form is the one way to ask for something: what is wrong is said at its field, and what was typed stays. */
export function Form({
  onSubmit,
  submit,
  current,
  done,
  beside,
  clear = false,
  color,
  sticky = false,
  children,
}: FormProps) {
  const { t } = useTranslation();
  const form = useRef<HTMLFormElement>(null);
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [finished, setFinished] = useState(false);
  const merging = useMerging(form);
  const withheld = useRef(false);

  useEffect(() => {
    if (problem ?? Object.keys(errors).length > 0) focusTrouble(form.current);
  }, [problem, errors]);

  useEffect(() => {
    if (pending || !withheld.current) return;
    withheld.current = false;
    // the question could not give the focus back, because the button waited
    form.current?.querySelector<HTMLElement>("button[type=submit]")?.focus({ preventScroll: true });
  }, [pending]);

  const send = async (element: HTMLFormElement) => {
    setFinished(false);
    const missing = missingFields(element, t("form.missing"));
    setErrors(missing);
    setProblem(undefined);
    if (Object.keys(missing).length > 0) return;
    setPending(true);
    try {
      if (current && merging.unsettled()) {
        await merging.ask(element, current);
        return;
      }
      await onSubmit(valuesOf(element));
      merging.kept(element);
      setFinished(true);
      if (clear) element.reset();
    } catch (error) {
      const found = problemOf(error);
      withheld.current = error instanceof Withheld || found.code === "interrupted"; // who cancelled a question knows it
      if (!withheld.current) await refuse(element, found);
    } finally {
      setPending(false);
    }
  };

  const refuse = async (element: HTMLFormElement, found: Problem) => {
    if (found.code === "stale_version" && current) {
      try {
        await merging.ask(element, current);
      } catch (error) {
        setProblem(problemOf(error));
      }
      return;
    }
    await loadAnswers();
    setErrors(fieldErrors(found, fieldNames(element), problemText(found), fieldText));
    setProblem(found);
  };

  return (
    <FormContext value={{ errors, given: merging.given }}>
      <form
        ref={form}
        noValidate
        onSubmit={(event: SubmitEvent<HTMLFormElement>) => {
          event.preventDefault();
          if (!pending) void send(event.currentTarget);
        }}
      >
        <Stack gap="md">
          {problem && <FormProblem problem={problem} errors={errors} />}
          <Fragment key={merging.round}>{children}</Fragment>
          <Group gap="md" className={sticky ? classes.sticky : undefined}>
            <Button type="submit" loading={pending} {...(color ? { color } : {})}>
              {submit}
            </Button>
            {beside}
          </Group>
          <div role="status">{finished && done && <Alert color="green">{done}</Alert>}</div>
        </Stack>
      </form>
      {merging.dialog}
    </FormContext>
  );
}

/** FormProblem says what is wrong with the whole; what fields say for themselves is not said twice. */
function FormProblem({ problem, errors }: { problem: Problem; errors: Record<string, string> }) {
  const { t } = useTranslation();
  const named = Object.keys(errors).length > 0;
  if (named && errors[""] === undefined) {
    return (
      <Alert color="red" role="alert">
        {t("form.look")}
      </Alert>
    );
  }
  return <ProblemAlert problem={problem} more={errors[""]} />;
}

/** useField is what every kind of field has of its form. */
export function useField(name: string): { error: string | undefined; name: string; given: string | undefined } {
  const { errors, given } = use(FormContext);
  return { name, error: errors[name], given: given[name] };
}
