import { Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { answer, api } from "../../api/client";
import { useAt, useSession } from "../../api/session";
import { named } from "../../i18n/named";
import { Form } from "../../parts/Form";
import { KeepTyped } from "../../parts/KeepTyped";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { tell } from "../../parts/tell";
import { effectOf } from "./effect";
import { EffectPanel } from "./EffectPanel";
import { catalogueQuery, keepRole, roleList, type Catalogue, type Role } from "./queries";
import { RoleFields } from "./RoleFields";
import { BackToRoles } from "./RolePage";
import { bodyOf } from "./roleValues";
import { useNameLanguages } from "./words";

/** NewRole adds a role, from nothing or from what another one has (`from`). */
export function NewRole() {
  const { t } = useTranslation("roles");
  const session = useSession();
  const roles = useQuery(roleList);
  const catalogue = useQuery(catalogueQuery);
  const [search] = useSearchParams();
  return (
    <Page title={t("new")} place={session.organisation?.name}>
      <BackToRoles />
      <Later query={roles}>
        {(all) => (
          <Later query={catalogue}>
            {(found) => <Begin roles={all} catalogue={found} from={all.find((r) => r.id === search.get("from"))} />}
          </Later>
        )}
      </Later>
    </Page>
  );
}

interface BeginProps {
  roles: readonly Role[];
  catalogue: Catalogue;
  from: Role | undefined;
}

function Begin({ roles, catalogue, from }: BeginProps) {
  const { t } = useTranslation("roles");
  const client = useQueryClient();
  const navigate = useNavigate();
  const at = useAt();
  const { own } = useNameLanguages();
  const [key] = useState(() => crypto.randomUUID());
  const sensitive = catalogue.rights.filter((r) => r.sensitive).map((r) => r.id);
  const [begin] = useState({
    name: "",
    names: {},
    rights: (from?.rights ?? []).filter((r) => !sensitive.includes(r)),
    constraints: from?.constraints ?? {},
  });
  const [ticked, setTicked] = useState<readonly string[]>(begin.rights);
  return (
    <>
      {from && <Text>{t("from", { name: named(from) })}</Text>}
      <Form
        submit={t("add")}
        onSubmit={async (values) => {
          const params = { header: { "Idempotency-Key": key } };
          const made = await answer(api.POST("/api/v1/roles", { params, body: bodyOf(values, own) }));
          keepRole(client, made.id, made);
          await navigate(at("roles"));
          tell(t("added", { name: named(made) }));
        }}
      >
        <RoleFields
          begin={begin}
          roles={roles}
          catalogue={catalogue}
          onTick={(after) => {
            setTicked([...after]);
          }}
        />
        <KeepTyped />
        <EffectPanel
          title={t("effect.newTitle")}
          effect={effectOf([], ticked, catalogue.rights, catalogue.areas)}
          same={t("effect.none")}
          members={0}
          own={false}
        />
      </Form>
    </>
  );
}
