import { Anchor, Button, Group, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { useAt, useSession } from "../../api/session";
import { named } from "../../i18n/named";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { ChangeRole } from "./ChangeRole";
import { DeleteRole } from "./DeleteRole";
import { catalogueQuery, roleList, type Catalogue, type Role } from "./queries";
import { RoleFacts } from "./RoleFacts";
import { Members } from "./Roles";
import { useRolesTitle } from "./words";

/** RolePage is one role: to change, or only to look at for who may not. */
export function RolePage() {
  const { t } = useTranslation("roles");
  const { id } = useParams();
  const session = useSession();
  const roles = useQuery(roleList);
  const catalogue = useQuery(catalogueQuery);
  const role = roles.data?.find((r) => r.id === id);
  return (
    <Page title={role ? named(role) : t("one")} place={session.organisation?.name}>
      <BackToRoles />
      <Later query={roles}>
        {(all) => (
          <Later query={catalogue}>
            {(found) =>
              role ? <OneRole key={role.id} role={role} roles={all} catalogue={found} /> : <Text>{t("gone")}</Text>
            }
          </Later>
        )}
      </Later>
    </Page>
  );
}

/** BackToRoles leads to the list. */
export function BackToRoles() {
  const { title } = useRolesTitle();
  const { t } = useTranslation("roles");
  const at = useAt();
  return (
    <Anchor component={Link} to={at("roles")} underline="always">
      {t("back", { title })}
    </Anchor>
  );
}

interface OneRoleProps {
  role: Role;
  roles: readonly Role[];
  catalogue: Catalogue;
}

function OneRole({ role, roles, catalogue }: OneRoleProps) {
  const { t } = useTranslation("roles");
  const at = useAt();
  const manages = useSession().rights.includes("roles.manage");
  const editable = manages && role.constraints.grantedBy !== "operator";
  return (
    <>
      <Text>
        {t("column.members")}: <Members role={role} />
      </Text>
      {editable ? (
        <ChangeRole role={role} roles={roles} catalogue={catalogue} />
      ) : (
        <RoleFacts role={role} roles={roles} catalogue={catalogue} />
      )}
      {manages && (
        <section>
          <Title order={2} mb="xs">
            {t("more")}
          </Title>
          <Group gap="md">
            <Button component={Link} to={at(`roles/new?from=${encodeURIComponent(role.id)}`)} variant="default">
              {t("copy")}
            </Button>
            {editable && <DeleteRole role={role} roles={roles} catalogue={catalogue} />}
          </Group>
        </section>
      )}
    </>
  );
}
