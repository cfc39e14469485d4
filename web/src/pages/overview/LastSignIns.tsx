import { Anchor, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../../api/client";
import { BarChart } from "../../parts/BarChart";
import { DataTable } from "../../parts/DataTable";
import { monthName } from "../../parts/time";
import classes from "./Overview.module.css";
import { Figures, Section } from "./Section";

/** LastSignIns shows when people signed in last, and who never did. */
export function LastSignIns({ found, users }: { found: Schemas["OverviewAnswerBody"]; users: string }) {
  const { t } = useTranslation("overview");
  const { never, earlier, months } = found;
  const rows = [
    { key: "never", label: t("lastSignIn.never"), short: t("lastSignIn.never"), users: never },
    { key: "earlier", label: t("lastSignIn.earlier"), short: t("lastSignIn.earlier"), users: earlier },
    ...months.map((m) => ({
      key: m.month,
      label: monthName(m.month),
      short: monthName(m.month, "short"),
      users: m.users,
    })),
  ];
  if (rows.every((r) => r.users === 0)) {
    return (
      <Section title={t("lastSignIn.title")}>
        <Text>{t("lastSignIn.none")}</Text>
      </Section>
    );
  }
  return (
    <Section title={t("lastSignIn.title")} text={t("lastSignIn.text")}>
      <BarChart
        series={[t("lastSignIn.users")]}
        bars={rows.map((r) => ({ key: r.key, label: r.short, values: [r.users] }))}
      />
      <div className={classes.links}>
        {never > 0 && (
          <Anchor component={Link} underline="always" to={`${users}?neverSignedIn=true`}>
            {t("lastSignIn.seeNever")}
          </Anchor>
        )}
        {earlier > 0 && (
          <Anchor component={Link} underline="always" to={`${users}?inactiveMonths=12&sort=lastSignInAt`}>
            {t("lastSignIn.seeEarlier")}
          </Anchor>
        )}
      </div>
      <Figures of={t("lastSignIn.title")}>
        <DataTable
          caption={t("lastSignIn.text")}
          rows={rows}
          rowKey={(r) => r.key}
          empty={t("lastSignIn.none")}
          columns={[
            { key: "month", label: t("month"), cell: (r) => r.label },
            { key: "users", label: t("lastSignIn.users"), cell: (r) => r.users },
          ]}
        />
      </Figures>
    </Section>
  );
}
