import { Button, Checkbox, Group, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { named } from "../../i18n/named";
import { filtered, sorts, type Filters as Asked } from "./filters";
import { SchoolFilter } from "./SchoolFilter";
import { rolesQuery } from "./users";
import classes from "./Users.module.css";

const months = [1, 3, 6, 9, 12, 15, 18, 24] as const;

interface FiltersProps {
  asked: Asked;
  onChange: (change: Partial<Record<keyof Asked, string>>) => void;
  onClear: () => void;
}

/** Filters are what narrows the list down. They are in the address, and the list follows as one types. */
export function Filters({ asked, onChange, onClear }: FiltersProps) {
  const { t } = useTranslation("users");
  const session = useSession();
  const roles = useQuery(rolesQuery);
  const since = asked.neverSignedIn ? "never" : String(asked.inactiveMonths ?? "");
  const sites = asked.site !== undefined || session.userRules?.fields.includes("site");
  const any = { value: "", label: t("filter.any") };
  return (
    <search className={classes.filters} aria-label={t("filter.label")}>
      <Typed
        label={t("filter.q")}
        value={asked.q ?? ""}
        onType={(q) => {
          onChange({ q });
        }}
      />
      <NativeSelect
        label={t("filter.status")}
        value={asked.status ?? ""}
        data={[
          any,
          { value: "active", label: t("status.active") },
          { value: "suspended", label: t("status.suspended") },
        ]}
        onChange={(event) => {
          onChange({ status: event.currentTarget.value });
        }}
      />
      <NativeSelect
        label={t("filter.role")}
        value={asked.role ?? ""}
        data={[any, ...(roles.data?.items ?? []).map((r) => ({ value: r.id, label: named(r) }))]}
        onChange={(event) => {
          onChange({ role: event.currentTarget.value });
        }}
      />
      {session.rights.includes("schools.view") && (
        <SchoolFilter
          id={asked.school ?? ""}
          onChoose={(school) => {
            onChange({ school });
          }}
        />
      )}
      {sites && (
        <Typed
          label={t("filter.site")}
          value={asked.site ?? ""}
          onType={(site) => {
            onChange({ site });
          }}
        />
      )}
      <NativeSelect
        label={t("filter.since")}
        value={since}
        data={[
          any,
          { value: "never", label: t("filter.never") },
          ...monthsWith(asked.inactiveMonths).map((n) => ({
            value: String(n),
            label: t("filter.months", { count: n }),
          })),
        ]}
        onChange={(event) => {
          const { value } = event.currentTarget;
          onChange(
            value === "never"
              ? { neverSignedIn: "true", inactiveMonths: "" }
              : { neverSignedIn: "", inactiveMonths: value },
          );
        }}
      />
      <NativeSelect
        className={classes.sort}
        label={t("filter.sort")}
        value={`${asked.sort ?? "familyName"} ${asked.order ?? "asc"}`}
        data={sorts.flatMap((s) =>
          (["asc", "desc"] as const).map((o) => ({
            value: `${s} ${o}`,
            label: t(`filter.${o}`, { what: t(`column.${s}`) }),
          })),
        )}
        onChange={(event) => {
          const [sort = "", order = ""] = event.currentTarget.value.split(" ");
          onChange({ sort, order });
        }}
      />
      <Group className={classes.last}>
        <Checkbox
          label={t("filter.undeliverable")}
          checked={asked.undeliverable ?? false}
          onChange={(event) => {
            onChange({ undeliverable: event.currentTarget.checked ? "true" : "" });
          }}
        />
        {filtered(asked) && (
          <Button variant="default" size="compact-md" onClick={onClear}>
            {t("filter.clear")}
          </Button>
        )}
      </Group>
    </search>
  );
}

const monthsWith = (asked: number | undefined): number[] =>
  asked === undefined ? [...months] : [...new Set([...months, asked])].sort((a, b) => a - b);

interface TypedProps {
  label: string;
  value: string;
  onType: (value: string) => void;
}

/** Typed is a field that the list follows, a moment after one typed. */
function Typed({ label, value, onType }: TypedProps) {
  const [{ typed, from }, setTyped] = useState({ typed: value, from: value });
  const tellLater = useDebouncedCallback(onType, 250);
  if (from !== value) setTyped({ typed: value === typed.trim() ? typed : value, from: value });
  return (
    <TextInput
      type="search"
      label={label}
      value={typed}
      maxLength={100}
      autoComplete="off"
      onChange={(event) => {
        setTyped({ typed: event.currentTarget.value, from: value });
        tellLater(event.currentTarget.value.trim());
      }}
    />
  );
}
