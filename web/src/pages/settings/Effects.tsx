import { Alert, Button, List, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { DataTable } from "../../parts/DataTable";
import { Dialog } from "../../parts/Dialog";
import { Form } from "../../parts/Form";
import { dangerous, personal, stepsOf } from "./comparing";
import type { SettingName } from "./description";

interface EffectsProps {
  effects: Schemas["EffectsBody"];
  /** names are the settings that are changed. */
  names: readonly SettingName[];
  onDecide: (save: boolean) => void;
}

/** Effects shows what a change of the settings will do to how many people, before it is saved. */
export function Effects({ effects, names, onDecide }: EffectsProps) {
  const { t } = useTranslation("settings");
  const danger = dangerous(effects);
  const people = personal.filter((what) => effects[what] > 0);
  const steps = stepsOf(effects);
  const back = () => {
    onDecide(false);
  };
  return (
    <Dialog title={t("effects.title")} onClose={back}>
      <Form
        submit={t(danger ? "effects.saveDanger" : "effects.save")}
        color={danger ? "red" : undefined}
        onSubmit={async () => {
          await Promise.resolve();
          onDecide(true);
        }}
        beside={
          <Button variant="default" onClick={back} data-autofocus>
            {t("effects.back")}
          </Button>
        }
      >
        {danger && <Alert color="red">{t("effects.danger")}</Alert>}
        <div>
          <Text fw={600}>{t("effects.list")}</Text>
          <List>
            {names.map((name) => (
              <List.Item key={name}>{t(`field.${name}.label`)}</List.Item>
            ))}
          </List>
        </div>
        {people.length === 0 && steps.length === 0 && <Text>{t("effects.nobody")}</Text>}
        {people.length > 0 && (
          <div>
            <Text fw={600}>{t("effects.people")}</Text>
            <List>
              {people.map((what) => (
                <List.Item key={what}>{t(`effects.${what}`, { count: effects[what] })}</List.Item>
              ))}
            </List>
          </div>
        )}
        {steps.length > 0 && (
          <DataTable
            caption={t("effects.caption")}
            rows={steps}
            rowKey={(s) => `${s.when}-${s.kind}`}
            empty=""
            columns={[
              { key: "step", label: t("effects.step"), cell: (s) => t(`effects.${s.when}.${s.kind}`) },
              { key: "now", label: t("effects.now"), cell: (s) => s.now },
              { key: "then", label: t("effects.then"), cell: (s) => <Text fw={600}>{s.then}</Text> },
            ]}
          />
        )}
        {effects.partial && <Text>{t("effects.partial", { count: effects.users })}</Text>}
      </Form>
    </Dialog>
  );
}
