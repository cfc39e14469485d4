import { Alert, List, Text, Title } from "@mantine/core";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { Confirm } from "../../parts/Confirm";
import { DataTable, type Column } from "../../parts/DataTable";
import { Form } from "../../parts/Form";
import { Later } from "../../parts/Later";
import { ChoiceField, DateField } from "../../parts/moreFields";
import { Page } from "../../parts/Page";
import { Pages, usePages } from "../../parts/pages";
import { tell } from "../../parts/tell";
import { moment } from "../../parts/time";
import classes from "../../shell/Shell.module.css";
import { ends, today, untilOf, type End } from "./until";

type Access = Schemas["SupportAccessAnswerBody"];
type Visit = Schemas["VisitBody"];

const accessQuery = queryOptions({
  queryKey: ["own", "support", "access"],
  queryFn: () => answer(api.GET("/api/v1/support-access")),
});

/** SupportAccess is where the platform's support is let in and shut out, and where it is seen who was there. */
export function SupportAccess() {
  const { t } = useTranslation("support");
  const session = useSession();
  const access = useQuery(accessQuery);
  return (
    <Page title={t("title")} place={session.organisation?.name}>
      <Text>{t("text")}</Text>
      <Later query={access}>
        {(found) => {
          if (session.support) return <Text>{t("notForSupport")}</Text>;
          return found.open ? <Open access={found} /> : <Closed />;
        }}
      </Later>
      <Title order={2}>{t("can.title")}</Title>
      <List className={classes.narrow}>
        <List.Item>{t("can.see")}</List.Item>
        <List.Item>{t("can.not")}</List.Item>
        <List.Item>{t("can.log")}</List.Item>
      </List>
      <Title order={2}>{t("log.title")}</Title>
      <Log />
    </Page>
  );
}

/** useChange opens or shuts, and shows at once what is so. */
function useChange() {
  const client = useQueryClient();
  return async (body: { open: boolean; until?: string }) => {
    const after = await answer(api.PUT("/api/v1/support-access", { body }));
    client.setQueryData(accessQuery.queryKey, after);
    void client.invalidateQueries({ queryKey: ["own", "support", "log"] });
    return after;
  };
}

function Open({ access }: { access: Access }) {
  const { t } = useTranslation("support");
  const change = useChange();
  return (
    <>
      <Alert color="yellow">{t("open", { until: moment(access.until ?? "") })}</Alert>
      <div>
        <Confirm
          button={t("shut.button")}
          title={t("shut.title")}
          effect={t("shut.effect")}
          onConfirm={async () => {
            await change({ open: false });
            tell(t("shut.done"));
          }}
        />
      </div>
    </>
  );
}

function Closed() {
  const { t } = useTranslation("support");
  const change = useChange();
  const [end, setEnd] = useState<End>("today");
  return (
    <div className={classes.narrow}>
      <Text mb="md">{t("closed")}</Text>
      <Form
        submit={t("let.submit")}
        onSubmit={async ({ until = "" }) => {
          const { until: at = "" } = await change({ open: true, until: untilOf(end, until, new Date()) });
          tell(t("let.done", { until: moment(at) }));
        }}
      >
        <ChoiceField
          name="end"
          label={t("let.label")}
          defaultValue="today"
          options={ends.map((e) => ({ value: e, label: t(`let.${e}`) }))}
          onChoose={(chosen) => {
            setEnd(chosen as End);
          }}
        />
        {end === "day" && (
          <DateField
            name="until"
            label={t("let.until")}
            description={t("let.untilHint")}
            defaultValue={today()}
            required
          />
        )}
        <Text>{t("let.effect")}</Text>
      </Form>
    </div>
  );
}

function Log() {
  const { t } = useTranslation("support");
  const visits = usePages(["own", "support", "log"], (cursor) =>
    answer(api.GET("/api/v1/support-access/log", { params: { query: { limit: 25, ...cursor } } })),
  );
  const columns: Column<Visit>[] = [
    { key: "who", label: t("log.who"), cell: (v) => <bdi>{v.supporter}</bdi> },
    { key: "why", label: t("log.why"), cell: (v) => <bdi>{v.reason}</bdi> },
    { key: "from", label: t("log.from"), cell: (v) => moment(v.startedAt) },
    {
      key: "to",
      label: t("log.to"),
      cell: (v) => (v.endedAt ? moment(v.endedAt) : t("log.atMost", { at: moment(v.until) })),
    },
  ];
  return (
    <Pages query={visits}>
      {(rows) => (
        <DataTable
          caption={t("log.caption")}
          columns={columns}
          rows={rows}
          rowKey={(v) => v.id}
          empty={t("log.none")}
        />
      )}
    </Pages>
  );
}
