import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { useSession } from "../../api/session";
import { named } from "../../i18n/named";
import { Form } from "../../parts/Form";
import { tell } from "../../parts/tell";
import { effectOf } from "./effect";
import { EffectPanel } from "./EffectPanel";
import { keepRole, type Catalogue, type Role } from "./queries";
import { rolesQuery } from "../users/users";
import { RoleFields } from "./RoleFields";
import { bodyOf, valuesOfRole } from "./roleValues";
import { useNameLanguages } from "./words";

interface ChangeRoleProps {
  role: Role;
  roles: readonly Role[];
  catalogue: Catalogue;
}

/** ChangeRole changes a role, and before that says for how many people what will be different. */
export function ChangeRole({ role, roles, catalogue }: ChangeRoleProps) {
  const { t } = useTranslation("roles");
  const client = useQueryClient();
  const session = useSession();
  const { own } = useNameLanguages();
  const [base, setBase] = useState(role);
  const [ticked, setTicked] = useState<readonly string[]>(role.rights);
  return (
    <Form
      submit={t("save")}
      current={async () => {
        const now = (await client.query({ ...rolesQuery, staleTime: 0 })).items.find((r) => r.id === role.id);
        if (!now) return {};
        setBase(now);
        return valuesOfRole(now, own);
      }}
      onSubmit={async (values) => {
        const call = api.PUT("/api/v1/roles/{id}", {
          params: { path: { id: role.id }, header: { "If-Match": `"${base.version}"` } },
          body: bodyOf(values, own),
        });
        const after = await answer(call);
        setBase(after);
        setTicked(after.rights);
        keepRole(client, role.id, after);
        tell(t("saved", { name: named(after) }));
      }}
    >
      <RoleFields
        begin={base}
        roles={roles.filter((r) => r.id !== role.id)}
        catalogue={catalogue}
        relaxOnly
        onTick={(after) => {
          setTicked([...after]);
        }}
      />
      <EffectPanel
        title={t("effect.title")}
        effect={effectOf(base.rights, ticked, catalogue.rights, catalogue.areas)}
        same={t("effect.same")}
        members={base.members}
        own={session.user?.roles.includes(role.id) ?? false}
      />
    </Form>
  );
}
