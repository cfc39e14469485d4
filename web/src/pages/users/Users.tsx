import { Alert, Button, Checkbox, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { problemOf } from "../../api/problem";
import { useSession } from "../../api/session";
import { Handover, type Handed } from "../../parts/Handover";
import { Waiting } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { Pages, usePages } from "../../parts/pages";
import { hush } from "../../parts/tell";
import { Bulk } from "./Bulk";
import { columnKeys, useColumns } from "./columns";
import { filtered, useFilters } from "./filters";
import { Filters } from "./Filters";
import { NewUser } from "./NewUser";
import { rolesQuery, usersKey, type User } from "./users";
import { UserTable } from "./UserTable";
import classes from "./Users.module.css";

/** Users are everybody who works here; whoever was archived is on a page of their own. */
export function Users() {
  const { t } = useTranslation("users");
  const session = useSession();
  const [handed, setHanded] = useState<readonly Handed[]>([]);
  const place = { name: session.organisation?.name ?? "", slug: session.organisation?.slug ?? "" };
  const handOver = (one: Handed) => {
    hush();
    setHanded((before) => [...before.filter((h) => h.username !== one.username), one]); // an older one no longer works
  };
  return (
    <Page title={t("title")} place={place.name}>
      <FewSuperUsers />
      <Handover
        handed={handed}
        place={place}
        onClose={() => {
          setHanded([]);
        }}
      />
      {session.userRules && !session.support && <NewUser rules={session.userRules} onHandOver={handOver} />}
      <List onHandOver={handOver} />
    </Page>
  );
}

function List({ onHandOver }: { onHandOver: (handed: Handed) => void }) {
  const [asked, change, clear] = useFilters();
  const [columns, choose] = useColumns();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const query = usePages<User>(
    [...usersKey, "present", asked],
    (cursor) => answer(api.GET("/api/v1/users", { params: { query: { ...asked, ...cursor } } })),
    { still: true },
  );
  useSomeRows(query);
  const refused = query.isError && problemOf(query.error).code === "missing_right";
  const tick = (ids: readonly string[], on: boolean) => {
    setTicked((before) => new Set(on ? [...before, ...ids] : [...before].filter((id) => !ids.includes(id))));
  };
  return (
    <>
      {!refused && <Filters asked={asked} onChange={change} onClear={clear} />}
      <Pages query={query}>
        {(users, total) => (
          <>
            <Count shown={users.length} total={total} more={query.hasNextPage} />
            <div className={classes.above}>
              <TickAll users={users} ticked={ticked} onTick={tick} />
              <ChooseColumns chosen={columns} onChoose={choose} />
            </div>
            <Bulk
              chosen={users.filter((u) => ticked.has(u.id))}
              onHandOver={onHandOver}
              onClear={() => {
                setTicked(new Set());
              }}
            />
            <UserTable
              users={users}
              columns={columns}
              asked={asked}
              onSort={(sort, order) => {
                change({ sort, order });
              }}
              ticked={ticked}
              onTick={tick}
              onHandOver={onHandOver}
              empty={query.hasNextPage ? <Waiting /> : <Nobody filtered={filtered(asked)} onClear={clear} />}
            />
          </>
        )}
      </Pages>
    </>
  );
}

/** useSomeRows reads on by itself while nothing was found: with filters, a page of a list may have nothing on it. */
function useSomeRows({
  data,
  hasNextPage,
  isFetching,
  isError,
  fetchNextPage,
}: ReturnType<typeof usePages<User>>): void {
  const found = data?.pages.some((p) => p.items.length > 0) ?? true;
  useEffect(() => {
    if (!found && hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [found, hasNextPage, isFetching, isError, fetchNextPage]);
}

function Count({ shown, total, more }: { shown: number; total: number | undefined; more: boolean }) {
  const { t } = useTranslation("users");
  if (total !== undefined) return <Text role="status">{t("count", { count: total })}</Text>;
  return <Text role="status">{t(more ? "countSoFar" : "count", { count: shown })}</Text>;
}

interface TickAllProps {
  users: readonly User[];
  ticked: ReadonlySet<string>;
  onTick: (ids: readonly string[], on: boolean) => void;
}

function TickAll({ users, ticked, onTick }: TickAllProps) {
  const { t } = useTranslation("users");
  const session = useSession();
  if (users.length === 0 || !session.rights.includes("users.manage")) return <span />;
  const some = users.filter((u) => ticked.has(u.id)).length;
  return (
    <Checkbox
      label={t("tickAll", { count: users.length })}
      checked={some === users.length}
      indeterminate={some > 0 && some < users.length}
      onChange={(event) => {
        onTick(
          users.map((u) => u.id),
          event.currentTarget.checked,
        );
      }}
    />
  );
}

function ChooseColumns({
  chosen,
  onChoose,
}: {
  chosen: ReturnType<typeof useColumns>[0];
  onChoose: ReturnType<typeof useColumns>[1];
}) {
  const { t } = useTranslation("users");
  const session = useSession();
  const [open, setOpen] = useState(false);
  const site = session.userRules?.fields.includes("site") ?? true;
  const offered = columnKeys.filter((k) => k !== "username" && (k !== "site" || site || chosen.has(k)));
  return (
    <details
      className={classes.columns}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary>{t("columns")}</summary>
      {open && (
        <fieldset>
          <legend>{t("columnsLegend")}</legend>
          {offered.map((key) => (
            <Checkbox
              key={key}
              label={t(`column.${key}`)}
              checked={chosen.has(key)}
              onChange={(event) => {
                onChoose(key, event.currentTarget.checked);
              }}
            />
          ))}
        </fieldset>
      )}
    </details>
  );
}

function Nobody({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const { t } = useTranslation("users");
  if (!filtered) return <Text>{t("empty")}</Text>;
  return (
    <div>
      <Text mb="xs">{t("noneFound")}</Text>
      <Button variant="default" onClick={onClear}>
        {t("filter.clear")}
      </Button>
    </div>
  );
}

/** One who looks after the organisation and two deputies, as the guide of the learner registration asks for. */
const enough = 3;

/** FewSuperUsers says so while there are too few, where they add each other. */
function FewSuperUsers() {
  const { t } = useTranslation("users");
  const session = useSession();
  const roles = useQuery(rolesQuery);
  const managing = (roles.data?.items ?? []).filter(
    (r) => r.rights.includes("users.manage") && r.constraints.grantedBy === "managers",
  );
  const there = managing.reduce((sum, r) => sum + r.members, 0);
  if (!session.userRules || managing.length === 0 || there >= enough) return null;
  return (
    <Alert color="yellow" title={t("few.title", { count: there, role: managing[0]?.name ?? "" })}>
      {t("few.text")}
    </Alert>
  );
}
