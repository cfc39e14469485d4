import { PasswordInput, TextInput } from "@mantine/core";
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

/** useTextField adds to a field what its form says of it. */
export function useTextField<P extends { name: string; defaultValue?: string | undefined }>(props: P) {
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
