import { Checkbox, NativeSelect, NumberInput, Radio, Stack, Textarea } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { useField } from "./Form";
import { split } from "./formValues";
import { TextField, useTextField, type FieldProps } from "./fields";
import { TickList, type Option, type OptionGroup } from "./TickList";

// Fields that the sign-in page does not have.

export function LongTextField(props: Omit<FieldProps, "autoFocus">) {
  return <Textarea {...useTextField(props)} withAsterisk={false} autosize minRows={5} maxRows={20} />;
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

interface SelectFieldProps extends Omit<FieldProps, "autoComplete" | "readOnly"> {
  options: readonly { value: string; label: string }[];
  onChoose?: (value: string) => void;
}

/** SelectField is one of a few; it is the browser's own, which every tablet has a good way for. */
export function SelectField({ name, options, defaultValue, autoFocus = false, onChoose, ...props }: SelectFieldProps) {
  const { error, given } = useField(name);
  return (
    <NativeSelect
      name={name}
      error={error}
      data={[...options]}
      defaultValue={given ?? defaultValue}
      data-autofocus={autoFocus || undefined}
      withAsterisk={false}
      onChange={(event) => onChoose?.(event.currentTarget.value)}
      {...props}
    />
  );
}

interface ChoiceFieldProps extends Omit<FieldProps, "autoComplete" | "readOnly"> {
  options: readonly { value: string; label: string; description?: string }[];
  onChoose?: (value: string) => void;
}

/** ChoiceField is one of a few that all are to be seen. */
export function ChoiceField({ name, options, defaultValue, onChoose, label, description }: ChoiceFieldProps) {
  const { error, given } = useField(name);
  return (
    <Radio.Group
      name={name}
      label={label}
      description={description}
      error={error}
      defaultValue={given ?? defaultValue ?? ""}
      onChange={(value) => onChoose?.(value)}
    >
      <Stack gap="xs" mt="xs">
        {options.map((o) => (
          <Radio key={o.value} value={o.value} label={o.label} description={o.description} />
        ))}
      </Stack>
    </Radio.Group>
  );
}

/** DateField is a day, written 2026-11-28 in the form's values, "" for none. */
export function DateField(props: FieldProps) {
  return <TextField {...props} type="date" />;
}

interface NumberFieldProps extends Omit<FieldProps, "autoComplete"> {
  min?: number;
  max?: number;
}

/** NumberField is a whole number, as digits in the form's values. What is out of its bounds the API says. */
export function NumberField({ name, defaultValue, autoFocus = false, ...props }: NumberFieldProps) {
  const { error, given } = useField(name);
  return (
    <NumberInput
      name={name}
      error={error}
      defaultValue={given ?? defaultValue ?? ""}
      allowDecimal={false}
      hideControls
      clampBehavior="none"
      inputMode="numeric"
      withAsterisk={false}
      data-autofocus={autoFocus || undefined}
      {...props}
    />
  );
}

interface TicksFieldProps {
  name: string;
  label: string;
  description?: string;
  options: readonly Option[];
  groups?: readonly OptionGroup[];
  defaultTicked?: readonly string[];
  onTick?: (ticked: ReadonlySet<string>) => void;
}

/** TicksField is any number of many. Its value is what is ticked in the order of the options, with commas between. */
export function TicksField({ name, label, description, options, groups, defaultTicked = [], onTick }: TicksFieldProps) {
  const { error, given } = useField(name);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(
    () => new Set(given === undefined ? defaultTicked : split(given)),
  );
  const value = options.filter((o) => ticked.has(o.value)).map((o) => o.value);
  return (
    <>
      <TickList
        label={label}
        description={description}
        error={error}
        options={options}
        groups={groups}
        ticked={ticked}
        onChange={(after) => {
          setTicked(after);
          onTick?.(after);
        }}
      />
      <input type="hidden" name={name} value={value.join(",")} data-label={label} data-ticks="" />
    </>
  );
}

export { split };
