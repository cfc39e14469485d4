import { Button, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { answer, api } from "../../api/client";
import { useAt, useSession } from "../../api/session";
import { named } from "../../i18n/named";
import { Dialog } from "../../parts/Dialog";
import { Form } from "../../parts/Form";
import { SelectField } from "../../parts/moreFields";
import { tell } from "../../parts/tell";
import { effectOf } from "./effect";
import { EffectPanel } from "./EffectPanel";
import { keepRole, type Catalogue, type Role } from "./queries";

interface DeleteRoleProps {
  role: Role;
  roles: readonly Role[];
  catalogue: Catalogue;
}

/** DeleteRole asks which role who has this one gets instead, and says what that means for them. */
export function DeleteRole(props: DeleteRoleProps) {
  const { t } = useTranslation("roles");
  const [open, setOpen] = useState(false);
  const close = () => {
    setOpen(false);
  };
  return (
    <>
      <Button
        variant="default"
        onClick={() => {
          setOpen(true);
        }}
      >
        {t("delete.button")}
      </Button>
      {open && (
        <Dialog title={t("delete.title", { name: named(props.role) })} onClose={close}>
          <Question {...props} onClose={close} />
        </Dialog>
      )}
    </>
  );
}

/** suitsAll tells whether everybody can be given a role, whoever they are. */
function suitsAll(role: Role): boolean {
  const c = role.constraints;
  const free = !c.atMostOne && !c.atLeastOne && !c.allSchools && (c.requires ?? []).length === 0;
  return free && role.entitled && c.entitlement === undefined && c.grantedBy !== "operator";
}

function Question({ role, roles, catalogue, onClose }: DeleteRoleProps & { onClose: () => void }) {
  const { t } = useTranslation("roles");
  const { t: common } = useTranslation();
  const client = useQueryClient();
  const session = useSession();
  const navigate = useNavigate();
  const at = useAt();
  const [instead, setInstead] = useState("");
  const others = roles.filter((r) => r.id !== role.id && suitsAll(r));
  const chosen = others.find((r) => r.id === instead);
  const { members } = role;
  return (
    <Form
      submit={t("delete.button")}
      color="red"
      onSubmit={async ({ moveTo = "" }) => {
        const params = {
          path: { id: role.id },
          header: { "If-Match": `"${role.version}"` },
          query: moveTo === "" ? {} : { moveTo },
        };
        await answer(api.DELETE("/api/v1/roles/{id}", { params }));
        await navigate(at("roles"));
        keepRole(client, role.id, null);
        tell(t("deleted", { name: named(role) }));
      }}
      beside={
        <Button variant="default" onClick={onClose} data-autofocus>
          {common("cancel")}
        </Button>
      }
    >
      <Stack gap="md">
        <Text>{members === 0 ? t("delete.unused") : t("delete.used", { count: members })}</Text>
        <SelectField
          name="moveTo"
          label={t("delete.moveTo")}
          description={t("delete.moveToText")}
          required={members > 0}
          options={[
            { value: "", label: t(members > 0 ? "delete.choose" : "delete.none") },
            ...others.map((r) => ({ value: r.id, label: named(r) })),
          ]}
          onChoose={setInstead}
        />
        {chosen && members > 0 && (
          <EffectPanel
            title={t("effect.moveTitle")}
            effect={effectOf(role.rights, chosen.rights, catalogue.rights, catalogue.areas)}
            same={t("effect.same")}
            members={members}
            own={session.user?.roles.includes(role.id) ?? false}
          />
        )}
      </Stack>
    </Form>
  );
}
