import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import { split, type Values } from "../../parts/formValues";
import { TicksField } from "../../parts/moreFields";
import type { School, SchoolGroup } from "./queries";

interface GroupFormProps {
  begin?: SchoolGroup;
  schools: readonly School[];
  submit: string;
  current?: () => Promise<Values>;
  onSave: (body: { name: string; schools: string[] }) => Promise<void>;
}

/** GroupForm asks what a group is called and which schools are in it. */
export function GroupForm({ begin, schools, submit, current, onSave }: GroupFormProps) {
  const { t } = useTranslation("schools");
  return (
    <Form
      submit={submit}
      {...(current ? { current } : {})}
      onSubmit={(values) => onSave({ name: values["name"] ?? "", schools: split(values["schools"]) })}
    >
      <TextField name="name" label={t("groups.name")} defaultValue={begin?.name ?? ""} required maxLength={100} />
      {schools.length === 0 ? (
        <Text>{t("groups.noneToTick")}</Text>
      ) : (
        <TicksField
          name="schools"
          label={t("groups.schools")}
          options={schools.map((s) => ({
            value: s.id,
            label: s.code ? `${s.name} (${s.code})` : s.name,
            ...(s.closed ? { description: t("closed") } : {}),
          }))}
          defaultTicked={begin?.schools ?? []}
        />
      )}
    </Form>
  );
}
