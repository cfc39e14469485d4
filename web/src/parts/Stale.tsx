import { Button, Radio, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Dialog } from "./Dialog";
import { Form } from "./Form";
import { conflictsOf, merged, type Stale as Both } from "./stale";
import type { Values } from "./formValues";

interface StaleProps {
  both: Both;
  /** labelOf and shown say how a field, and a value of it, is called on the page. */
  labelOf: (name: string) => string;
  shown: (name: string, value: string) => string;
  /** onSave takes what the fields are to hold. */
  onSave: (values: Values) => void;
  onClose: () => void;
}

/** Stale shows what two people have changed at once, and asks which of it is to be. */
export function Stale({ both, labelOf, shown, onSave, onClose }: StaleProps) {
  const { t } = useTranslation("parts");
  const conflicts = conflictsOf(both);
  const say = (name: string, value: string) => {
    if (value === "on") return t("stale.yes");
    const unticked = [both.base, both.mine, both.theirs].some((v) => v[name] === "on");
    return value === "" ? t(unticked ? "stale.no" : "stale.empty") : shown(name, value);
  };
  return (
    <Dialog title={t("stale.title")} onClose={onClose}>
      <Form
        submit={t("stale.save")}
        onSubmit={async (chosen) => {
          await Promise.resolve();
          onSave(merged(both, chosen as Record<string, "mine" | "theirs">));
        }}
        beside={
          <Button variant="default" onClick={onClose}>
            {t("stale.back")}
          </Button>
        }
      >
        <Text>{t(conflicts.length > 0 ? "stale.text" : "stale.none")}</Text>
        {conflicts.map(({ name, mine, theirs }) => (
          <Radio.Group key={name} name={name} label={labelOf(name)} defaultValue="mine">
            <Stack gap="xs" mt="xs">
              <Radio value="mine" label={t("stale.mine", { value: say(name, mine) })} />
              <Radio value="theirs" label={t("stale.theirs", { value: say(name, theirs) })} />
            </Stack>
          </Radio.Group>
        ))}
      </Form>
    </Dialog>
  );
}
