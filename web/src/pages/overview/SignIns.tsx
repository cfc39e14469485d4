import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { BarChart } from "../../parts/BarChart";
import { DataTable } from "../../parts/DataTable";
import { dayName } from "../../parts/time";
import { Figures, Section } from "./Section";

/** SignIns shows who came in, and who tried to, by day. */
export function SignIns({ days }: { days: readonly Schemas["DaySignInsBody"][] }) {
  const { t } = useTranslation("overview");
  const said = (count: number, partial: boolean | undefined) => (partial ? t("signIns.partial", { count }) : count);
  if (days.every((d) => d.signIns + d.failures === 0)) {
    return (
      <Section title={t("signIns.title")}>
        <Text>{t("signIns.none")}</Text>
      </Section>
    );
  }
  return (
    <Section title={t("signIns.title")} text={t("signIns.text")}>
      <BarChart
        series={[t("signIns.succeeded"), t("signIns.failed")]}
        every={7}
        bars={days.map((d) => ({ key: d.day, label: dayName(d.day, "short"), values: [d.signIns, d.failures] }))}
      />
      <Figures of={t("signIns.title")}>
        <DataTable
          caption={t("signIns.text")}
          rows={[...days].reverse()}
          rowKey={(d) => d.day}
          empty={t("signIns.none")}
          columns={[
            { key: "day", label: t("day"), cell: (d) => dayName(d.day) },
            { key: "signIns", label: t("signIns.succeeded"), cell: (d) => said(d.signIns, d.partial) },
            { key: "failures", label: t("signIns.failed"), cell: (d) => said(d.failures, d.partial) },
          ]}
        />
      </Figures>
    </Section>
  );
}
