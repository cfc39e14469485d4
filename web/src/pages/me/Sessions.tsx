import { Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { Confirm } from "../../parts/Confirm";
import { DataTable, type Column } from "../../parts/DataTable";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { moment } from "../../parts/time";
import { sessionsQuery } from "../own";
import { nameOf } from "./agent";

type OwnSession = Schemas["OwnSessionBody"];

/** Sessions are where one is signed in, to end what should not be. */
export function Sessions() {
  const { t } = useTranslation("me");
  const session = useSession();
  const sessions = useQuery(sessionsQuery);
  const client = useQueryClient();
  const renew = () => client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
  return (
    <Page title={t("sessions.title")} place={session.organisation?.name}>
      <Text>{t("sessions.text")}</Text>
      <Later query={sessions}>{({ items }) => <Listed items={items} onChange={renew} />}</Later>
    </Page>
  );
}

function Listed({ items, onChange }: { items: readonly OwnSession[]; onChange: () => Promise<void> }) {
  const { t } = useTranslation("me");
  const columns: Column<OwnSession>[] = [
    { key: "agent", label: t("sessions.browser"), cell: (s) => nameOf(s.agent) ?? t("sessions.unknown") },
    { key: "address", label: t("sessions.address"), cell: (s) => s.address ?? "" },
    { key: "started", label: t("sessions.started"), cell: (s) => moment(s.startedAt) },
    { key: "used", label: t("sessions.used"), cell: (s) => moment(s.lastUsedAt) },
    {
      key: "end",
      label: "",
      cell: (s) => (s.current ? t("sessions.current") : <End session={s} onChange={onChange} />),
    },
  ];
  return (
    <>
      <DataTable
        caption={t("sessions.caption", { count: items.length })}
        columns={columns}
        rows={items}
        rowKey={(s) => s.id}
        empty=""
      />
      {items.length > 1 && (
        <div>
          <Confirm
            button={t("sessions.endOthers")}
            title={t("sessions.endOthersTitle")}
            effect={t("sessions.endOthersEffect")}
            onConfirm={async () => {
              await answer(api.DELETE("/api/v1/me/sessions"));
              await onChange();
            }}
          />
        </div>
      )}
    </>
  );
}

function End({ session, onChange }: { session: OwnSession; onChange: () => Promise<void> }) {
  const { t } = useTranslation("me");
  return (
    <Confirm
      button={t("sessions.end")}
      about={moment(session.startedAt)}
      title={t("sessions.endTitle")}
      effect={t("sessions.endEffect")}
      onConfirm={async () => {
        await answer(api.DELETE("/api/v1/me/sessions/{id}", { params: { path: { id: session.id } } }));
        await onChange();
      }}
    />
  );
}
