import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { useSession } from "../../api/session";
import { DataTable, type Column } from "../../parts/DataTable";
import { Page } from "../../parts/Page";
import { Pages, usePages } from "../../parts/pages";
import { moment } from "../../parts/time";
import { useActionName, type Entry } from "../../parts/trail";

const pageLength = 25;

/** Activity is what the audit trail says about oneself, so that one notices what one did not do. */
export function Activity() {
  const { t } = useTranslation("me");
  const session = useSession();
  const actionName = useActionName();
  const entries = usePages(["own", "audit"], (cursor) =>
    answer(api.GET("/api/v1/me/audit", { params: { query: { limit: pageLength, ...cursor } } })),
  );
  const columns: Column<Entry>[] = [
    { key: "at", label: t("activity.at"), cell: (e) => moment(e.at) },
    { key: "action", label: t("activity.what"), cell: (e) => actionName(e.action) },
    { key: "actor", label: t("activity.who"), cell: (e) => whoDid(e, session.user?.id, t("activity.you")) },
    { key: "address", label: t("activity.from"), cell: (e) => e.address ?? "" },
  ];
  return (
    <Page title={t("activity.title")} place={session.organisation?.name}>
      <Text>{t("activity.text")}</Text>
      <Pages query={entries}>
        {(rows) => (
          <DataTable
            caption={t("activity.caption")}
            columns={columns}
            rows={rows}
            rowKey={(e) => e.id}
            empty={t("activity.none")}
          />
        )}
      </Pages>
    </Page>
  );
}

function whoDid(e: Entry, self: string | undefined, you: string): string {
  if (!e.actor) return "";
  return e.actor.id === self ? you : (e.actor.name ?? "");
}
