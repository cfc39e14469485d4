import { Anchor, Fieldset, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { answer, api, type Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { languageNames, languages } from "../../i18n";
import { TextField } from "../../parts/fields";
import { Handover } from "../../parts/Handover";
import { ChoiceField, LongTextField, SelectField, split, TicksField } from "../../parts/moreFields";
import { Page } from "../../parts/Page";
import { entitlementsOf, keepOrganisation, presets } from "./organisations";
import { OperatorForm } from "./OperatorForm";
import { PersonFields, personOf } from "./PersonFields";

type Founded = Schemas["FoundedAnswerBody"];

/** NewOrganisation sets an organisation up, and shows its first administrator's password once. */
export function NewOrganisation() {
  const { t } = useTranslation("operator");
  const { organisation } = useSession();
  const [founded, setFounded] = useState<Founded>();
  const title = founded ? t("new.done", { name: founded.organisation.name }) : t("new.title");
  return (
    <Page title={title} place={organisation?.name}>
      {founded ? <Ready founded={founded} /> : <Ask onFounded={setFounded} />}
    </Page>
  );
}

function Ask({ onFounded }: { onFounded: (founded: Founded) => void }) {
  const { t } = useTranslation("operator");
  const client = useQueryClient();
  const [preset, setPreset] = useState<string>("school-portal");
  const [key] = useState(() => crypto.randomUUID());
  const offered = entitlementsOf(preset);
  return (
    <OperatorForm
      submit={t("new.submit")}
      onSubmit={async (values) => {
        const { name = "", slug = "", language = "", entitlements, schools = "" } = values;
        const made = await answer(
          api.POST("/api/v1/operator/organisations", {
            params: { header: { "Idempotency-Key": key } },
            body: {
              name,
              slug,
              preset,
              entitlements: split(entitlements),
              ...(language === "" ? {} : { language }),
              ...(schools.trim() === "" ? {} : { schools }),
              firstAdministrator: personOf(values, "firstAdministrator."),
            },
          }),
        );
        keepOrganisation(client, made.organisation);
        onFounded(made);
      }}
    >
      <TextField name="name" label={t("field.name")} required autoComplete="off" />
      <TextField name="slug" label={t("field.slug")} description={t("field.slugHint")} required autoComplete="off" />
      <ChoiceField
        name="preset"
        label={t("field.preset")}
        description={t("field.presetHint")}
        defaultValue={preset}
        onChoose={setPreset}
        options={presets.map((p) => ({
          value: p,
          label: t(`preset.${p}.name`),
          description: t(`preset.${p}.brings`),
        }))}
      />
      {offered.length > 0 && (
        <TicksField
          name="entitlements"
          label={t("field.entitlements")}
          description={t("field.entitlementsHint")}
          options={offered.map((e) => ({ value: e, label: t(`entitlement.${e}`) }))}
        />
      )}
      <SelectField
        name="language"
        label={t("field.language")}
        description={t("field.languageHint")}
        options={[
          { value: "", label: t("field.languageOfPreset") },
          ...languages.map((l) => ({ value: l, label: languageNames[l] })),
        ]}
      />
      <LongTextField name="schools" label={t("field.schools")} description={t("field.schoolsHint")} />
      <Fieldset legend={t("new.first")}>
        <Stack gap="md">
          <PersonFields prefix="firstAdministrator." preset={preset} />
        </Stack>
      </Fieldset>
    </OperatorForm>
  );
}

function Ready({ founded: { organisation, user, initialPassword } }: { founded: Founded }) {
  const { t } = useTranslation("operator");
  const [hidden, setHidden] = useState(false);
  const name = `${user.givenName} ${user.familyName}`;
  const said = t("handed", { name, username: user.username });
  return (
    <>
      {initialPassword === null && <Text>{t("new.before")}</Text>}
      <Handover
        place={organisation}
        handed={
          hidden || initialPassword === null ? [] : [{ said, name, username: user.username, password: initialPassword }]
        }
        onClose={() => {
          setHidden(true);
        }}
      />
      <Anchor component={Link} to={`../${organisation.id}`} relative="path" underline="always">
        {t("new.open", { name: organisation.name })}
      </Anchor>
    </>
  );
}
