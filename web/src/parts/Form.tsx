import { Alert, Button, Checkbox, Group, PasswordInput, Stack, Textarea, TextInput } from "@mantine/core";
import { createContext, use, useEffect, useRef, useState, type ReactNode, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrors, problemOf, type Problem } from "../api/problem";
import { ProblemAlert, useProblemText } from "./ProblemAlert";

export type Values = Record<string, string>;

interface State {
  errors: Record<string, string>;
  pending: boolean;
}

const FormContext = createContext<State>({ errors: {}, pending: false });

interface FormProps {
  /** onSubmit sends what was typed; a problem it throws is shown at the fields it names. */
  onSubmit: (values: Values) => Promise<void>;
  submit: string;
  /** done is said when onSubmit has come to its end, where the page stays. */
  done?: string;
  /** beside stands next to the button, such as a way out. */
  beside?: ReactNode;
  /** clear empties the fields when it is done, as for passwords. */
  clear?: boolean;
  color?: string | undefined;
  children: ReactNode;
}

/** Form is the one way to ask for something: what is wrong is said at its field, and what was typed stays. */
export function Form({ onSubmit, submit, done, beside, clear = false, color, children }: FormProps) {
  const { t } = useTranslation();
  const text = useProblemText();
  const form = useRef<HTMLFormElement>(null);
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [finished, setFinished] = useState(false);

  useEffect(() => {
    if (problem ?? Object.keys(errors).length > 0) focusTrouble(form.current);
  }, [problem, errors]);

  const send = async (element: HTMLFormElement) => {
    setFinished(false);
    const missing = missingFields(element, t("form.missing"));
    setErrors(missing);
    setProblem(undefined);
    if (Object.keys(missing).length > 0) return;
    setPending(true);
    try {
      await onSubmit(valuesOf(element));
      setFinished(true);
      if (clear) element.reset();
    } catch (error) {
      const found = problemOf(error);
      setErrors(fieldErrors(found, fieldNames(element), text(found)));
      setProblem(found);
    } finally {
      setPending(false);
    }
  };

  return (
    <FormContext value={{ errors, pending }}>
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
          {children}
          <Group gap="md">
            <Button type="submit" loading={pending} {...(color ? { color } : {})}>
              {submit}
            </Button>
            {beside}
          </Group>
          <div role="status">{finished && done && <Alert color="green">{done}</Alert>}</div>
        </Stack>
      </form>
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

function named(form: HTMLFormElement): (HTMLInputElement | HTMLTextAreaElement)[] {
  return [...form.elements].filter(
    (e): e is HTMLInputElement | HTMLTextAreaElement =>
      (e instanceof HTMLInputElement || e instanceof HTMLTextAreaElement) && e.name !== "",
  );
}

const fieldNames = (form: HTMLFormElement): string[] => named(form).map((e) => e.name);

/** valuesOf is what was typed; a box that is ticked is "on", another one "". */
function valuesOf(form: HTMLFormElement): Values {
  return Object.fromEntries(
    named(form).map((e) => [e.name, e.type === "checkbox" && !(e as HTMLInputElement).checked ? "" : e.value]),
  );
}

function missingFields(form: HTMLFormElement, message: string): Record<string, string> {
  return Object.fromEntries(
    named(form)
      .filter((e) => e.required && e.value.trim() === "")
      .map((e) => [e.name, message]),
  );
}

/** focusTrouble leads to what is wrong: the first such field, or else what is said above them. */
function focusTrouble(form: HTMLFormElement | null): void {
  const trouble =
    form?.querySelector<HTMLElement>("[aria-invalid=true]") ?? form?.querySelector<HTMLElement>("[role=alert]");
  if (trouble?.getAttribute("role") === "alert") trouble.tabIndex = -1;
  trouble?.focus();
}

interface FieldProps {
  name: string;
  label: string;
  description?: ReactNode;
  defaultValue?: string | undefined;
  required?: boolean;
  autoComplete?: string;
  autoFocus?: boolean;
  readOnly?: boolean;
}

/** useField is what every kind of field has of its form. */
function useField(name: string): { error: string | undefined; name: string } {
  const { errors } = use(FormContext);
  return { name, error: errors[name] };
}

interface TextFieldProps extends FieldProps {
  type?: "text" | "email" | "tel";
  inputMode?: "numeric" | "text" | "email";
  maxLength?: number;
}

export function TextField({ name, autoFocus = false, ...props }: TextFieldProps) {
  return <TextInput {...useField(name)} {...props} withAsterisk={false} data-autofocus={autoFocus || undefined} />;
}

export function LongTextField({ name, ...props }: Omit<FieldProps, "autoFocus">) {
  return <Textarea {...useField(name)} {...props} withAsterisk={false} autosize minRows={5} maxRows={20} />;
}

interface SecretFieldProps extends FieldProps {
  onType?: (value: string) => void;
}

export function SecretField({ name, onType, autoFocus = false, ...props }: SecretFieldProps) {
  const { t } = useTranslation();
  const { error } = useField(name);
  return (
    <PasswordInput
      name={name}
      error={error}
      {...props}
      withAsterisk={false}
      data-autofocus={autoFocus || undefined}
      aria-invalid={error !== undefined}
      visibilityToggleButtonProps={{ "aria-label": t("form.show"), tabIndex: 0 }}
      onChange={(event) => onType?.(event.currentTarget.value)}
    />
  );
}

interface TickFieldProps {
  name: string;
  label: string;
  description?: ReactNode;
  defaultChecked?: boolean;
}

export function TickField({ name, ...props }: TickFieldProps) {
  return <Checkbox {...useField(name)} {...props} />;
}
