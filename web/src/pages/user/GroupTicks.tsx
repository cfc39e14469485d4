import { Checkbox, Fieldset, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { groupState } from "./assignment";

interface GroupTicksProps {
  groups: readonly Schemas["SchoolGroupBody"][];
  ticked: ReadonlySet<string>;
  onChange: (ticked: ReadonlySet<string>) => void;
}

/** GroupTicks ticks all schools of a group at once. */
export function GroupTicks({ groups, ticked, onChange }: GroupTicksProps) {
  const { t } = useTranslation("user");
  return (
    <Fieldset legend={t("schools.groups")}>
      <Stack gap="xs">
        <Text size="sm" c="dimmed">
          {t("schools.groupsHint")}
        </Text>
        {groups.map(({ id, name, schools }) => {
          const state = groupState(schools, ticked);
          return (
            <Checkbox
              key={id}
              label={name}
              description={t("schools.groupCount", { count: schools.length })}
              disabled={schools.length === 0}
              checked={state === "all"}
              indeterminate={state === "some"}
              onChange={({ currentTarget: { checked } }) => {
                const after = new Set(ticked);
                for (const school of schools) {
                  if (checked) after.add(school);
                  else after.delete(school);
                }
                onChange(after);
              }}
            />
          );
        })}
      </Stack>
    </Fieldset>
  );
}
