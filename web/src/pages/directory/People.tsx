import { Anchor, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { answer, api, type Schemas } from "../../api/client";
import { named } from "../../i18n/named";
import { DataTable, type Column } from "../../parts/DataTable";
import { Pages, usePages } from "../../parts/pages";
import { Sought } from "./Sought";

type Card = Schemas["ContactCard"];

/** People are the users of the organisation that was chosen. */
export function People({ slug, q }: { slug: string; q: string }) {
  const { t } = useTranslation("directory");
  const users = usePages<Card, Schemas["ContactsAnswerBody"]>(["own", "directory", "users", slug, q], (cursor) =>
    answer(
      api.GET("/api/v1/directory/{organisation}/users", {
        params: { path: { organisation: slug }, query: { limit: 25, ...(q === "" ? {} : { q }), ...cursor } },
      }),
    ),
  );
  const name = users.data?.pages[0]?.organisation.name ?? slug;
  const columns: Column<Card>[] = [
    { key: "name", label: t("name"), cell: (u) => <bdi>{u.name}</bdi> },
    {
      key: "email",
      label: t("email"),
      cell: (u) => (
        <Anchor href={`mailto:${u.email}`} underline="always">
          {u.email}
        </Anchor>
      ),
    },
    {
      key: "roles",
      label: t("roles"),
      cell: (u) => u.roles.map((name, i) => named({ name, names: u.roleNames[i] ?? {} })).join(", "),
    },
  ];
  return (
    <>
      <Title order={2}>{name}</Title>
      <div>
        <Anchor component={Link} to="?" underline="always">
          {t("another")}
        </Anchor>
      </div>
      <Sought name="q" label={t("person")} hint={t("personHint")} value={q} of={{ organisation: slug }} />
      <Pages query={users}>
        {(rows) => (
          <DataTable
            caption={t("caption", { name })}
            columns={columns}
            rows={rows}
            rowKey={(u) => u.email + u.name}
            empty={t("none")}
          />
        )}
      </Pages>
    </>
  );
}
