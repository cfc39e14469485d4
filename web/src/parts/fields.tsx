import { Checkbox, PasswordInput, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ReactNode } from "react";
import { useField } from "./Form";

export interface FieldProps {
  name: string;
  label: string;
  description?: ReactNode;
  defaultValue?: string | undefined;
  required?: boolean;
  autoComplete?: string;
  autoFocus?: boolean;
  readOnly?: boolean;
}

interface TextFieldProps extends FieldProps {
  type?: "text" | "email" | "tel" | "search" | "date" | "url";
  inputMode?: "numeric" | "text" | "email";
  maxLength?: number;
}

export function TextField({ autoFocus = false, ...props }: TextFieldProps) {
  return <TextInput {...useTextField(props)} withAsterisk={false} data-autofocus={autoFocus || undefined} />;
}

export function LongTextField(props: Omit<FieldProps, "autoFocus">) {
  return <Textarea {...useTextField(props)} withAsterisk={false} autosize minRows={5} maxRows={20} />;
}

/** useTextField adds to a field what its form says of it. */
function useTextField<P extends { name: string; defaultValue?: string | undefined }>(props: P) {
  const { error, given } = useField(props.name);
  return { ...props, error, defaultValue: given ?? props.defaultValue };
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

export function TickField({ name, defaultChecked = false, ...props }: TickFieldProps) {
  const { error, given } = useField(name);
  const ticked = given === undefined ? defaultChecked : given === "on";
  return <Checkbox name={name} error={error} defaultChecked={ticked} {...props} />;
}
