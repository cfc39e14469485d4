import { Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { Confirm } from "../../parts/Confirm";
import { DataTable, type Column } from "../../parts/DataTable";
import { Pages, usePages } from "../../parts/pages";
import { tell } from "../../parts/tell";
import { moment } from "../../parts/time";
import { closedKey, keepOrganisation, type Closed } from "./organisations";

/** ClosedOrganisations are those that can still be reopened, and until when. */
export function ClosedOrganisations() {
  const { t } = useTranslation("operator");
  const closed = usePages<Closed>(closedKey, (cursor) =>
    answer(api.GET("/api/v1/operator/closed-organisations", { params: { query: { limit: 25, ...cursor } } })),
  );
  const columns: Column<Closed>[] = [
    { key: "name", label: t("list.name"), cell: (o) => <bdi>{o.name}</bdi> },
    { key: "slug", label: t("list.slug"), cell: (o) => o.slug },
    {
      key: "closed",
      label: t("closed.at"),
      cell: (o) => t("closed.by", { when: moment(o.closedAt), who: o.closedBy }),
    },
    { key: "until", label: t("closed.until"), cell: (o) => moment(o.eraseAt) },
    { key: "reopen", label: "", cell: (o) => (o.erasing ? t("closed.erasing") : <Reopen organisation={o} />) },
  ];
  return (
    <section aria-labelledby="closed">
      <Title order={2} id="closed">
        {t("closed.title")}
      </Title>
      <Pages query={closed}>
        {(rows) => (
          <DataTable
            caption={t("closed.caption")}
            columns={columns}
            rows={rows}
            rowKey={(o) => o.id}
            empty={t("closed.none")}
          />
        )}
      </Pages>
    </section>
  );
}

function Reopen({ organisation: { id, name } }: { organisation: Closed }) {
  const { t } = useTranslation("operator");
  const client = useQueryClient();
  return (
    <Confirm
      button={t("closed.reopen")}
      about={name}
      color=""
      title={t("closed.reopenTitle", { name })}
      effect={t("closed.reopenEffect")}
      onConfirm={async () => {
        const params = { path: { id } };
        keepOrganisation(
          client,
          await answer(api.POST("/api/v1/operator/closed-organisations/{id}/reopen", { params })),
        );
        await client.invalidateQueries({ queryKey: closedKey });
        tell(t("closed.reopened", { name }));
      }}
    />
  );
}
