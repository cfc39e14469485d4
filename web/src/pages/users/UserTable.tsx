import { Anchor, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useSession } from "../../api/session";
import { namedBy } from "../../i18n/named";
import { Address } from "../../parts/Address";
import { DataTable, type Column } from "../../parts/DataTable";
import type { Handed } from "../../parts/Handover";
import { day, lastDay, moment } from "../../parts/time";
import { Cell, type CellField } from "./Cell";
import { columnKeys, type ColumnKey } from "./columns";
import { sorts, type Filters, type Sort } from "./filters";
import { RowActions } from "./RowActions";
import { nameOf, rolesQuery, type User } from "./users";
import classes from "./Users.module.css";

interface UserTableProps {
  users: readonly User[];
  columns: ReadonlySet<ColumnKey>;
  asked: Filters;
  onSort: (sort: Sort, order: "asc" | "desc") => void;
  ticked: ReadonlySet<string>;
  onTick: (ids: readonly string[], on: boolean) => void;
  onHandOver: (handed: Handed) => void;
  empty: ReactNode;
}

/** UserTable shows users, and lets who manages them correct a cell where it stands. */
export function UserTable({ users, columns, asked, onSort, ticked, onTick, onHandOver, empty }: UserTableProps) {
  const { t } = useTranslation("users");
  const session = useSession();
  const manages = session.rights.includes("users.manage");
  const cell = useCells(manages);
  const shown: Column<User>[] = columnKeys
    .filter((key) => columns.has(key))
    .map((key) => ({ key, label: t(`column.${key}`), cell: cell[key], order: orderOf(key, asked, onSort) }));
  const actions: Column<User> = {
    key: "actions",
    label: "",
    cell: (user) => <RowActions user={user} onHandOver={onHandOver} />,
  };
  return (
    <DataTable
      caption={t("caption")}
      wide
      columns={manages ? [...shown, actions] : shown}
      rows={users}
      rowKey={(user) => user.id}
      empty={empty}
      ticking={
        manages
          ? {
              ticked,
              label: (user) => t("tick", { name: nameOf(user) }),
              onTick: (user, on) => {
                onTick([user.id], on);
              },
            }
          : undefined
      }
    />
  );
}

function orderOf(key: ColumnKey, asked: Filters, onSort: UserTableProps["onSort"]): Column<User>["order"] {
  const sort = sorts.find((s) => s === key);
  if (!sort) return undefined;
  const by = (asked.sort ?? "familyName") === sort;
  const up = asked.order !== "desc";
  return {
    now: by ? (up ? "ascending" : "descending") : "none",
    onSort: () => {
      onSort(sort, by && up ? "desc" : "asc");
    },
  };
}

/** useCells are what the columns show of a user. */
function useCells(manages: boolean): Record<ColumnKey, (user: User) => ReactNode> {
  const { t } = useTranslation("users");
  const roles = useQuery(rolesQuery);
  const { organisation } = useSession();
  const roleName = (id: string) => namedBy(id, roles.data?.items);
  const editable = (field: CellField) => (user: User) => (manages ? <Cell user={user} field={field} /> : user[field]);
  const address = ({ email }: User) => <Address of={email} />;
  return {
    username: (user) => (
      <>
        <Anchor component={Link} underline="always" to={`/o/${organisation?.slug ?? ""}/users/${user.id}`}>
          {user.username}
        </Anchor>
        <Marks user={user} />
      </>
    ),
    givenName: editable("givenName"),
    familyName: editable("familyName"),
    email: (user) => (
      <>
        {(manages ? editable("email") : address)(user)}
        {user.undeliverable && (
          <Text size="sm" c="red">
            {t("undeliverable")}
          </Text>
        )}
      </>
    ),
    roles: (user) => (user.roles.length === 0 ? t("noRole") : user.roles.map(roleName).join(", ")),
    lastSignInAt: (user) => (user.lastSignInAt ? <When>{moment(user.lastSignInAt)}</When> : t("never")),
    site: (user) => user.site ?? "",
    status: (user) => t(`status.${user.status}`),
    endsAt: (user) => (user.endsAt ? <When>{day(`${lastDay(user.endsAt)}T12:00`)}</When> : ""),
    createdAt: (user) => <When>{day(user.createdAt)}</When>,
  };
}

/** When is a day that is not torn apart. */
const When = ({ children }: { children: string }) => <span className={classes.when}>{children}</span>;

/** Marks are what one should see of an account without looking for it. */
function Marks({ user }: { user: User }) {
  const { t } = useTranslation("users");
  if (user.status === "active") return null;
  return (
    <>
      {" "}
      <span className={classes.mark}>{t(`status.${user.status}`)}</span>
    </>
  );
}
