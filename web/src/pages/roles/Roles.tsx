import { Anchor, Button, List, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useAt, useSession } from "../../api/session";
import { named } from "../../i18n/named";
import { DataTable, type Column } from "../../parts/DataTable";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { DefaultRoles } from "./DefaultRoles";
import { roleList, type Role } from "./queries";
import { useConstraintTexts, useRolesTitle } from "./words";

/** Roles lists the sets of rights that users can have. */
export function Roles() {
  const { t } = useTranslation("roles");
  const session = useSession();
  const at = useAt();
  const roles = useQuery(roleList);
  const { title, called } = useRolesTitle();
  const manages = session.rights.includes("roles.manage");
  return (
    <Page title={title} place={session.organisation?.name}>
      <Text>
        {called !== undefined && `${t("called", { called })} `}
        {t(manages ? "intro" : "introRead")}
      </Text>
      {manages && (
        <div>
          <Button component={Link} to={at("roles/new")}>
            {t("add")}
          </Button>
        </div>
      )}
      <Later query={roles}>
        {(all) => (
          <>
            <RoleTable roles={all} />
            {session.rights.includes("settings.manage") && <DefaultRoles roles={all} />}
          </>
        )}
      </Later>
    </Page>
  );
}

function RoleTable({ roles }: { roles: readonly Role[] }) {
  const { t } = useTranslation("roles");
  const at = useAt();
  const textsOf = useConstraintTexts();
  const columns: Column<Role>[] = [
    {
      key: "name",
      label: t("column.name"),
      cell: (r) => (
        <Anchor component={Link} to={at(`roles/${r.id}`)} underline="always">
          {named(r)}
        </Anchor>
      ),
    },
    { key: "members", label: t("column.members"), cell: (r) => <Members role={r} /> },
    { key: "rights", label: t("column.rights"), cell: (r) => t("rights", { count: r.rights.length }) },
    {
      key: "constraints",
      label: t("column.constraints"),
      cell: (r) => {
        const texts = textsOf(r, roles);
        if (texts.length === 0) return t("constraint.none");
        return (
          <List>
            {texts.map((text) => (
              <List.Item key={text}>{text}</List.Item>
            ))}
          </List>
        );
      },
    },
  ];
  return (
    <DataTable
      caption={t("caption", { count: roles.length })}
      columns={columns}
      rows={roles}
      rowKey={(r) => r.id}
      empty={t("empty")}
    />
  );
}

/** Members leads to the users who have a role. */
export function Members({ role }: { role: Role }) {
  const { t } = useTranslation("roles");
  const at = useAt();
  if (role.members === 0) return t("nobody");
  return (
    <Anchor component={Link} to={at(`users?role=${encodeURIComponent(role.id)}`)} underline="always">
      {t("members", { count: role.members })}
    </Anchor>
  );
}
