import { Anchor, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { answer, api } from "../../api/client";
import { useSession } from "../../api/session";
import { DataTable, type Column } from "../../parts/DataTable";
import { Page } from "../../parts/Page";
import { Pages, usePages } from "../../parts/pages";
import { day } from "../../parts/time";
import { ActionButtons } from "./actions";
import { nameOf, usersKey, type User } from "./users";
import classes from "./Users.module.css";

/** Archived are the accounts that were put away: why, until when, and the way back. */
export function Archived() {
  const { t } = useTranslation("users");
  const session = useSession();
  const [params, setParams] = useSearchParams();
  const [typed, setTyped] = useState(params.get("q") ?? "");
  const [q] = useDebouncedValue(typed.trim(), 250);
  const query = usePages<User>([...usersKey, "archived", { q }], (cursor) =>
    answer(
      api.GET("/api/v1/users", { params: { query: { status: "archived", ...(q === "" ? {} : { q }), ...cursor } } }),
    ),
  );
  return (
    <Page title={t("archived.title")} place={session.organisation?.name}>
      <Text>{t("archived.text")}</Text>
      <search className={classes.filters} aria-label={t("filter.label")}>
        <TextInput
          type="search"
          label={t("filter.q")}
          value={typed}
          maxLength={100}
          autoComplete="off"
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            const found = event.currentTarget.value.trim();
            setParams(found === "" ? {} : { q: found }, { replace: true });
          }}
        />
      </search>
      <Pages query={query}>
        {(users, total) => (
          <>
            <Text role="status">{t("archived.count", { count: total ?? users.length })}</Text>
            <DataTable
              caption={t("archived.caption")}
              columns={columnsOf(t, session.organisation?.slug ?? "")}
              rows={users}
              rowKey={(user) => user.id}
              empty={q === "" ? t("archived.empty") : t("archived.noneFound")}
            />
          </>
        )}
      </Pages>
    </Page>
  );
}

function columnsOf(t: ReturnType<typeof useTranslation<"users">>["t"], slug: string): Column<User>[] {
  return [
    {
      key: "name",
      label: t("archived.name"),
      cell: (user) => (
        <Anchor component={Link} underline="always" to={`/o/${slug}/users/${user.id}`}>
          {nameOf(user)}
        </Anchor>
      ),
    },
    { key: "username", label: t("column.username"), cell: (user) => user.username },
    { key: "since", label: t("archived.since"), cell: (user) => (user.statusSince ? day(user.statusSince) : "") },
    { key: "why", label: t("archived.why"), cell: (user) => t(`archived.cause.${user.archiveCause ?? "byHand"}`) },
    {
      key: "purge",
      label: t("archived.purge"),
      cell: (user) => (user.dueAt ? day(user.dueAt) : t("archived.keptForGood")),
    },
    {
      key: "actions",
      label: "",
      cell: (user) => (
        <ActionButtons user={user} about={nameOf(user)} only={["restore", "delete"]} onHandOver={() => undefined} />
      ),
    },
  ];
}
