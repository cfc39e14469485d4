import { Anchor, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../../api/client";
import classes from "./Overview.module.css";
import { Section } from "./Section";

type Found = Schemas["OverviewAnswerBody"];

/** Attention is what somebody should do something about, each with the way there. */
export function Attention({ found, users }: { found: Found; users: string }) {
  const { t } = useTranslation("overview");
  const { attention: a, archiveMonths } = found;
  const ends = a.archiveSoon - a.archiveIdle;
  const way = (to: string, label: "seeUsers" | "seeUndeliverable" | "seeInactive" | "seeSuspended") => (
    <Anchor component={Link} underline="always" to={to}>
      {t(`attention.${label}`)}
    </Anchor>
  );
  const points: [when: boolean, key: string, content: ReactNode][] = [
    [
      a.administrators < a.administratorsAdvised,
      "administrators",
      <>
        {t("attention.administrators", { count: a.administrators })} {way(users, "seeUsers")}
      </>,
    ],
    [
      a.locked.length > 0,
      "locked",
      <>
        {t("attention.locked", { count: a.locked.length })}
        <ul>
          {a.locked.map((u) => (
            <li key={u.id}>
              <Anchor component={Link} underline="always" to={`${users}/${u.id}`}>
                {u.name}
              </Anchor>
            </li>
          ))}
        </ul>
      </>,
    ],
    [
      a.undeliverable > 0,
      "undeliverable",
      <>
        {t("attention.undeliverable", { count: a.undeliverable })}{" "}
        {way(`${users}?undeliverable=true`, "seeUndeliverable")}
      </>,
    ],
    [
      a.archiveSoon > 0,
      "archiveSoon",
      <>
        {t("attention.archiveSoon", { count: a.archiveSoon })}{" "}
        {ends > 0 && `${t("attention.archiveEnds", { count: ends })} `}
        {a.archiveIdle > 0 &&
          way(`${users}?inactiveMonths=${Math.max(1, archiveMonths - 1)}&sort=lastSignInAt`, "seeInactive")}
      </>,
    ],
    [
      a.suspended > 0,
      "suspended",
      <>
        {t("attention.suspended", { count: a.suspended })} {way(`${users}?status=suspended`, "seeSuspended")}
      </>,
    ],
  ];
  const shown = points.filter(([when]) => when);
  return (
    <Section title={t("attention.title")}>
      {shown.length === 0 ? (
        <Text>{t("attention.nothing")}</Text>
      ) : (
        <ul className={classes.attention}>
          {shown.map(([, key, content]) => (
            <li key={key}>{content}</li>
          ))}
        </ul>
      )}
    </Section>
  );
}
