import { Group } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { Confirm } from "../../parts/Confirm";
import { tell } from "../../parts/tell";
import { keepSchool, type School } from "./queries";
import { EditSchool } from "./SchoolForm";

/** SchoolActions is what can be done with a school. */
export function SchoolActions({ school }: { school: School }) {
  const { t } = useTranslation("schools");
  const client = useQueryClient();
  const { id, name } = school;
  const params = { path: { id }, header: { "If-Match": `"${school.version}"` } };
  const set = async (closed: boolean) => {
    keepSchool(client, id, await answer(api.PUT("/api/v1/schools/{id}", { params, body: { closed } })));
    tell(t(closed ? "close.done" : "reopen.done", { name }));
  };
  return (
    <Group gap="xs">
      <EditSchool school={school} />
      {school.closed ? (
        <Confirm
          key="reopen"
          button={t("reopen.button")}
          about={name}
          title={t("reopen.title", { name })}
          effect={t("reopen.effect")}
          color="blue"
          onConfirm={() => set(false)}
        />
      ) : (
        <Confirm
          key="close"
          button={t("close.button")}
          about={name}
          title={t("close.title", { name })}
          effect={t("close.effect")}
          onConfirm={() => set(true)}
        />
      )}
      <Confirm
        button={t("delete.button")}
        about={name}
        title={t("delete.title", { name })}
        effect={t("delete.effect")}
        onConfirm={async () => {
          await answer(api.DELETE("/api/v1/schools/{id}", { params }));
          keepSchool(client, id, null);
          tell(t("delete.done", { name }));
        }}
      />
    </Group>
  );
}
