import { List, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { named } from "../../i18n/named";
import { kindOf, kinds } from "./effect";
import type { Catalogue, Role } from "./queries";
import { useConstraintTexts } from "./words";

interface RoleFactsProps {
  role: Role;
  roles: readonly Role[];
  catalogue: Catalogue;
}

/** RoleFacts is a role for who may look at it. */
export function RoleFacts({ role, roles, catalogue }: RoleFactsProps) {
  const { t } = useTranslation("roles");
  const constraints = useConstraintTexts()(role, roles);
  const rights = catalogue.rights.filter((r) => role.rights.includes(r.id));
  const open = catalogue.areas.filter((a) => a.rights.some((r) => role.rights.includes(r)));
  return (
    <>
      <Section title={t("field.rights")}>
        {rights.length === 0 && <Text>{t("noRights")}</Text>}
        {kinds
          .map((kind) => ({ kind, some: rights.filter((r) => kindOf(r) === kind) }))
          .filter(({ some }) => some.length > 0)
          .map(({ kind, some }) => (
            <div key={kind}>
              <Text fw={600}>{t(`kind.${kind}`)}</Text>
              <Bullets texts={some.map(named)} empty="" />
            </div>
          ))}
      </Section>
      <Section title={t("opens")}>
        <Bullets texts={open.map(named)} empty={t("noAreas")} />
      </Section>
      <Section title={t("column.constraints")}>
        <Bullets texts={constraints} empty={t("constraint.none")} />
      </Section>
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <Title order={2} mb="xs">
        {title}
      </Title>
      {children}
    </section>
  );
}

function Bullets({ texts, empty }: { texts: readonly string[]; empty: string }) {
  if (texts.length === 0) return <Text>{empty}</Text>;
  return (
    <List>
      {texts.map((text) => (
        <List.Item key={text}>{text}</List.Item>
      ))}
    </List>
  );
}
