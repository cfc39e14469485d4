import { Anchor } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { answer, api, type Schemas } from "../../api/client";
import { DataTable, type Column } from "../../parts/DataTable";
import { Pages, usePages } from "../../parts/pages";
import { Sought } from "./Sought";

type Other = Schemas["OpenBody"];

/** Others are the organisations to choose from. */
export function Others({ q }: { q: string }) {
  const { t } = useTranslation("directory");
  const others = usePages<Other>(["own", "directory", "organisations", q], (cursor) =>
    answer(api.GET("/api/v1/directory", { params: { query: { limit: 25, ...(q === "" ? {} : { q }), ...cursor } } })),
  );
  const columns: Column<Other>[] = [
    {
      key: "name",
      label: t("organisation"),
      cell: (o) => (
        <Anchor component={Link} to={`?organisation=${o.slug}`} underline="always">
          <bdi>{o.name}</bdi>
        </Anchor>
      ),
    },
  ];
  return (
    <>
      <Sought name="name" label={t("find")} hint={t("findHint")} value={q} of={{}} />
      <Pages query={others}>
        {(rows) => (
          <DataTable
            caption={t("choose")}
            columns={columns}
            rows={rows}
            rowKey={(o) => o.slug}
            empty={t(q === "" ? "nowhere" : "noneOfName")}
          />
        )}
      </Pages>
    </>
  );
}
