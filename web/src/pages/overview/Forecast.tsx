import { Anchor, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../../api/client";
import { BarChart } from "../../parts/BarChart";
import { DataTable } from "../../parts/DataTable";
import { Later } from "../../parts/Later";
import { day, monthName, monthOf } from "../../parts/time";
import classes from "./Overview.module.css";
import { forecastQuery } from "./queries";
import { Section } from "./Section";

type Found = Schemas["ForecastAnswerBody"];
type Step = Schemas["StepBody"];

interface ForecastProps {
  timeZone: string;
  users: string;
}

/** Forecast shows what will happen to accounts by themselves, and to whom. */
export function Forecast({ timeZone, users }: ForecastProps) {
  const { t } = useTranslation("overview");
  const forecast = useQuery({ ...forecastQuery, refetchOnMount: "always" });
  return (
    <Section title={t("forecast.title")} text={t("forecast.text")}>
      <Later query={forecast}>
        {(found) => {
          const some = found.months.filter((m) => m.warn + m.archive + m.purge > 0);
          if (some.length === 0) return <Text>{t("forecast.none")}</Text>;
          return (
            <>
              <BarChart
                series={[t("forecast.warn"), t("forecast.archive"), t("forecast.purge")]}
                bars={found.months.map((m) => ({
                  key: m.month,
                  label: monthName(m.month, "short"),
                  values: [m.warn, m.archive, m.purge],
                }))}
              />
              {some.map((m) => (
                <Month key={m.month} month={m} steps={stepsOf(found, m.month, timeZone)} users={users} />
              ))}
              {cut(found) && <Text mt="xs">{t("forecast.cut")}</Text>}
            </>
          );
        }}
      </Later>
    </Section>
  );
}

const stepsOf = (found: Found, month: string, timeZone: string): Step[] =>
  found.items.filter((s) => monthOf(s.at, timeZone) === month);

/** cut tells whether more is counted than listed. */
const cut = (found: Found): boolean =>
  found.months.reduce((all, m) => all + m.warn + m.archive + m.purge, 0) > found.items.length;

/** Month says the figures of a month, and opens to whom they are about. */
function Month({ month, steps, users }: { month: Found["months"][number]; steps: Step[]; users: string }) {
  const { t } = useTranslation("overview");
  const name = monthName(month.month);
  const what = (s: Step) => {
    if (s.kind === "warn") return t("forecast.warnNumber", { number: s.number });
    return s.kind === "purge" ? t("forecast.kind.purge") : t(`forecast.cause.${s.cause ?? "byHand"}`);
  };
  return (
    <details className={classes.month}>
      <summary>{t("forecast.line", { ...month, month: name })}</summary>
      <DataTable
        caption={t("forecast.caption", { month: name })}
        rows={steps}
        rowKey={(s) => `${s.id}-${s.kind}-${s.at}`}
        empty={t("forecast.cut")}
        columns={[
          {
            key: "name",
            label: t("forecast.name"),
            cell: (s) => (
              <Anchor component={Link} underline="always" to={`${users}?q=${encodeURIComponent(s.username)}`}>
                {s.name}
              </Anchor>
            ),
          },
          { key: "what", label: t("forecast.what"), cell: what },
          { key: "day", label: t("day"), cell: (s) => day(s.at) },
        ]}
      />
    </details>
  );
}
