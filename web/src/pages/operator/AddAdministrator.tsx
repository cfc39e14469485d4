import { Anchor, Fieldset, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { answer, api } from "../../api/client";
import { useSession } from "../../api/session";
import { TextField } from "../../parts/fields";
import { Handover, type Handed } from "../../parts/Handover";
import { Later } from "../../parts/Later";
import { LongTextField } from "../../parts/moreFields";
import { Page } from "../../parts/Page";
import { organisationQuery, type Organisation } from "./organisations";
import { OperatorForm } from "./OperatorForm";
import { PersonFields, personOf } from "./PersonFields";

/** AddAdministrator is how an organisation that lost its only administrator gets one again: somebody there asked, and proved it. */
export function AddAdministrator() {
  const { t } = useTranslation("operator");
  const session = useSession();
  const { id = "" } = useParams();
  const found = useQuery(organisationQuery(id));
  return (
    <Page title={t("add.heading", { name: found.data?.name ?? id })} place={session.organisation?.name}>
      <Later query={found}>{(o) => <Adding organisation={o} />}</Later>
    </Page>
  );
}

function Adding({ organisation }: { organisation: Organisation }) {
  const { t } = useTranslation("operator");
  const [added, setAdded] = useState<Handed>();
  const [done, setDone] = useState(false);
  return (
    <>
      <Handover
        place={organisation}
        handed={added ? [added] : []}
        onClose={() => {
          setAdded(undefined);
        }}
      />
      {!done && (
        <Ask
          organisation={organisation}
          onAdded={(handed) => {
            setAdded(handed);
            setDone(true);
          }}
        />
      )}
      {done && (
        <Anchor component={Link} to=".." relative="path" underline="always">
          {t("add.backTo", { name: organisation.name })}
        </Anchor>
      )}
    </>
  );
}

function Ask({
  organisation: { id, preset },
  onAdded,
}: {
  organisation: Organisation;
  onAdded: (added: Handed) => void;
}) {
  const { t } = useTranslation("operator");
  const [key] = useState(() => crypto.randomUUID());
  return (
    <OperatorForm
      submit={t("add.submit")}
      text={t("add.text")}
      onSubmit={async (values) => {
        const params = { path: { id }, header: { "Idempotency-Key": key } };
        const body = {
          ...personOf(values),
          approvedBy: { name: values["approvedBy.name"] ?? "", position: values["approvedBy.position"] ?? "" },
          evidence: values["evidence"] ?? "",
        };
        const { user, initialPassword } = await answer(
          api.POST("/api/v1/operator/organisations/{id}/administrators", { params, body }),
        );
        const name = `${user.givenName} ${user.familyName}`;
        onAdded({
          said: t("handed", { name, username: user.username }),
          name,
          username: user.username,
          password: initialPassword ?? t("add.shownBefore"),
        });
      }}
    >
      <PersonFields preset={preset} />
      <Fieldset legend={t("add.approval")}>
        <Stack gap="md">
          <TextField name="approvedBy.name" label={t("add.approver")} required autoComplete="off" />
          <TextField
            name="approvedBy.position"
            label={t("add.position")}
            description={t("add.positionHint")}
            required
            autoComplete="off"
          />
          <LongTextField name="evidence" label={t("add.evidence")} description={t("add.evidenceHint")} required />
        </Stack>
      </Fieldset>
    </OperatorForm>
  );
}
