import { Button, Checkbox, Fieldset, Group, Stack, Text, TextInput } from "@mantine/core";
import { memo, useCallback, useDeferredValue, useEffect, useId, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./TickList.module.css";

export interface Option {
  value: string;
  label: string;
  description?: string;
  disabled?: boolean;
  /** group is the title of the group that the option is shown in. */
  group?: string;
}

/** OptionGroup stands above the options of a group, and says what they have in common. */
export interface OptionGroup {
  title: string;
  description?: string;
}

export interface TickListProps {
  label: string;
  description?: string | undefined;
  error?: string | undefined;
  options: readonly Option[];
  groups?: readonly OptionGroup[] | undefined;
  ticked: ReadonlySet<string>;
  onChange: (ticked: ReadonlySet<string>) => void;
  /** beside stands under an option that is ticked, such as a field about it; it stays the same function from one drawing to the next. */
  beside?: (option: Option) => ReactNode;
}

/** So many boxes are drawn at once; a tablet draws them in the blink of an eye. More are a search, or a click, away. */
const atOnce = 100;
/** From so many options on there is a search. */
const searchFrom = 12;

/** TickList is a list to tick, which stays quick with thousands of options. */
export function TickList({ label, description, error, options, groups, ticked, onChange, beside }: TickListProps) {
  const { t } = useTranslation("parts");
  const [typed, setTyped] = useState("");
  const [onlyTicked, setOnlyTicked] = useState(false);
  const [limit, setLimit] = useState(atOnce);
  const sought = useDeferredValue(typed.trim().toLocaleLowerCase());
  const found = options.filter(
    (o) => (!onlyTicked || ticked.has(o.value)) && (sought === "" || o.label.toLocaleLowerCase().includes(sought)),
  );
  const shown = found.slice(0, limit);
  const now = useRef({ ticked, onChange });
  useEffect(() => {
    now.current = { ticked, onChange };
  });
  const tick = useCallback((value: string, on: boolean) => {
    const after = new Set(now.current.ticked);
    if (on) after.add(value);
    else after.delete(value);
    now.current.onChange(after);
  }, []);
  return (
    <Fieldset
      legend={label}
      className={classes.list}
      data-invalid-group={error ? true : undefined}
      tabIndex={error ? -1 : undefined}
    >
      <Stack gap="xs">
        {description && (
          <Text size="sm" c="dimmed">
            {description}
          </Text>
        )}
        {error && <Text className={classes.error}>{error}</Text>}
        {options.length >= searchFrom && (
          <Group gap="md" align="end">
            <TextInput
              type="search"
              label={t("pick.search", { label })}
              value={typed}
              onChange={(event) => {
                setTyped(event.currentTarget.value);
                setLimit(atOnce);
              }}
              onKeyDown={(event) => {
                if (event.key === "Enter") event.preventDefault();
              }}
            />
            <Checkbox
              label={t("pick.onlyTicked")}
              checked={onlyTicked}
              onChange={(event) => {
                setOnlyTicked(event.currentTarget.checked);
              }}
            />
            <Text size="sm" role="status">
              {t("pick.ticked", { count: ticked.size })}
            </Text>
          </Group>
        )}
        {shown.length === 0 && <Text>{t("pick.none")}</Text>}
        {groups === undefined ? (
          <Boxes options={shown} ticked={ticked} onTick={tick} beside={beside} />
        ) : (
          groups.map((group) => (
            <Grouped
              key={group.title}
              group={group}
              options={shown.filter((o) => o.group === group.title)}
              ticked={ticked}
              onTick={tick}
              beside={beside}
            />
          ))
        )}
        {found.length > shown.length && (
          <Button
            variant="default"
            onClick={() => {
              setLimit(limit + atOnce);
            }}
          >
            {t("pick.more", { count: Math.min(atOnce, found.length - shown.length) })}
          </Button>
        )}
      </Stack>
    </Fieldset>
  );
}

interface BoxesProps {
  options: readonly Option[];
  ticked: ReadonlySet<string>;
  onTick: (value: string, on: boolean) => void;
  beside: ((option: Option) => ReactNode) | undefined;
}

function Grouped({ group, ...boxes }: BoxesProps & { group: OptionGroup }) {
  const id = useId();
  if (boxes.options.length === 0) return null;
  return (
    <div role="group" aria-labelledby={id} className={classes.group}>
      <Text fw={600} id={id}>
        {group.title}
      </Text>
      {group.description && (
        <Text size="sm" c="dimmed" mb="xs">
          {group.description}
        </Text>
      )}
      <Boxes {...boxes} />
    </div>
  );
}

function Boxes({ options, ticked, onTick, beside }: BoxesProps) {
  return (
    <ul className={classes.options}>
      {options.map((o) => (
        <Item key={o.value} option={o} ticked={ticked.has(o.value)} onTick={onTick} beside={beside} />
      ))}
    </ul>
  );
}

interface ItemProps extends Pick<BoxesProps, "onTick" | "beside"> {
  option: Option;
  ticked: boolean;
}

/** Item is drawn anew only when its own tick changes: a hundred of them would take an old tablet half a second. */
const Item = memo(function Item({ option, ticked, onTick, beside }: ItemProps) {
  return (
    <li>
      <Checkbox
        label={option.label}
        description={option.description}
        disabled={option.disabled ?? false}
        checked={ticked}
        onChange={(event) => {
          onTick(option.value, event.currentTarget.checked);
        }}
      />
      {ticked && beside?.(option)}
    </li>
  );
});
