import { Fieldset, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { named } from "../../i18n/named";
import { TextField } from "../../parts/fields";
import { TickField, TicksField } from "../../parts/moreFields";
import classes from "../../shell/Shell.module.css";
import { areasOf, kindOf, kinds } from "./effect";
import type { Catalogue, Role } from "./queries";
import { demands, nameField, otherName } from "./roleValues";
import { useNameLanguages } from "./words";

interface RoleFieldsProps {
  /** begin is what the fields hold at first. */
  begin: Pick<Role, "name" | "names" | "rights" | "constraints">;
  /** roles are the others there are. */
  roles: readonly Role[];
  catalogue: Catalogue;
  /** relaxOnly is for a role that there is: people may have it by the constraints of now, so they get no stricter. */
  relaxOnly?: boolean;
  onTick: (ticked: ReadonlySet<string>) => void;
}

/** RoleFields ask what a role is called, what it lets people do and what must hold of them. */
export function RoleFields({ begin, roles, catalogue, relaxOnly = false, onTick }: RoleFieldsProps) {
  const { t } = useTranslation("roles");
  const { own, others } = useNameLanguages();
  return (
    <>
      <Stack gap="md" className={classes.narrow}>
        <TextField name="name" label={t("field.name")} defaultValue={begin.name} required maxLength={100} />
        {others.map((language) => (
          <TextField
            key={language}
            name={nameField(language)}
            label={t("field.nameIn", { language: t(`language.${language}`) })}
            description={t("field.nameInText", { language: t(`language.${own}`) })}
            defaultValue={otherName(begin, language)}
            maxLength={100}
          />
        ))}
      </Stack>
      <RightsField begin={begin.rights} catalogue={catalogue} onTick={onTick} />
      <Demands begin={begin.constraints} roles={roles} catalogue={catalogue} relaxOnly={relaxOnly} />
    </>
  );
}

function RightsField(props: { begin: readonly string[]; catalogue: Catalogue; onTick: RoleFieldsProps["onTick"] }) {
  const { t } = useTranslation("roles");
  const { rights, areas } = props.catalogue;
  const groups = kinds.map((kind) => ({ title: t(`kind.${kind}`), description: t(`kindText.${kind}`) }));
  const options = kinds.flatMap((kind) =>
    rights
      .filter((r) => kindOf(r) === kind)
      .map((r) => {
        const opened = areasOf(r.id, areas).map(named);
        return {
          value: r.id,
          label: named(r),
          group: t(`kind.${kind}`),
          disabled: kind === "sensitive",
          ...(opened.length > 0 ? { description: t("opensAreas", { areas: opened.join(", ") }) } : {}),
        };
      }),
  );
  return (
    <TicksField
      name="rights"
      label={t("field.rights")}
      options={options}
      groups={groups}
      defaultTicked={props.begin}
      onTick={props.onTick}
    />
  );
}

interface DemandsProps {
  begin: Role["constraints"];
  roles: readonly Role[];
  catalogue: Catalogue;
  relaxOnly: boolean;
}

/** Demands are what must hold of who has the role; what the platform decides is said where the role is listed. */
function Demands({ begin, roles, catalogue, relaxOnly }: DemandsProps) {
  const { t } = useTranslation("roles");
  const required = begin.requires ?? [];
  const schools = catalogue.rights.some((r) => r.perSchool || r.id === "schools.view");
  const ticks = demands.filter((d) => (relaxOnly ? begin[d] : d !== "allSchools" || schools));
  const choices = relaxOnly ? roles.filter((r) => required.includes(r.id)) : roles;
  if (ticks.length + choices.length === 0) return <Text>{t("demand.relaxNone")}</Text>;
  return (
    <Fieldset legend={t("column.constraints")}>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {t(relaxOnly ? "demand.relaxText" : "demand.text")}
        </Text>
        {ticks.map((d) => (
          <TickField
            key={d}
            name={d}
            label={t(`demand.${d}`)}
            description={t(`demandText.${d}`)}
            defaultChecked={begin[d] ?? false}
          />
        ))}
        {choices.length > 0 && (
          <TicksField
            name="requires"
            label={t("demand.requires")}
            description={t("demandText.requires")}
            options={choices.map((r) => ({ value: r.id, label: named(r) }))}
            defaultTicked={required}
          />
        )}
      </Stack>
    </Fieldset>
  );
}
