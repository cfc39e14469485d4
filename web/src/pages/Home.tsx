import { Alert, Paper, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { keepSession, useSession, type Session } from "../api/session";
import { Helpers } from "../parts/Helpers";
import { Page } from "../parts/Page";
import { day } from "../parts/time";
import { pageOf } from "../shell/places";
import classes from "../shell/Shell.module.css";
import { Elevation } from "./entrance/Elevation";
import { contactsQuery } from "./own";

type Area = Session["areas"][number];

/** Home shows all areas. Those that are closed are there too, with whom to ask for them. */
export function Home() {
  const { t } = useTranslation("shell");
  const session = useSession();
  const closed = session.areas.some((a) => !a.enabled);
  return (
    <Page title={t("home.title", { name: session.user?.givenName ?? "" })} place={session.organisation?.name}>
      {session.passwordExpiresAt && <Text>{t("home.passwordUntil", { day: day(session.passwordExpiresAt) })}</Text>}
      {session.elevationNeeded && <Administration />}
      <Title order={2}>{t("home.areas")}</Title>
      <ul className={classes.areas}>
        {session.areas.map((area) => (
          <li key={area.id}>
            <AreaCard area={area} slug={session.organisation?.slug ?? ""} />
          </li>
        ))}
      </ul>
      {closed && <WhomToAsk />}
    </Page>
  );
}

function AreaCard({ area, slug }: { area: Area; slug: string }) {
  const { t } = useTranslation("shell");
  const page = pageOf(area.id, slug);
  const name = <span className={classes.areaName}>{area.label}</span>;
  if (!area.enabled) {
    return (
      <div className={`${classes.area ?? ""} ${classes.closed ?? ""}`}>
        {name}
        {t("home.closed")}
      </div>
    );
  }
  if (page === undefined) {
    return (
      <div className={classes.area}>
        {name}
        {t("home.open")}
      </div>
    );
  }
  return (
    <Link to={page} className={classes.area ?? ""}>
      {name}
    </Link>
  );
}

function WhomToAsk() {
  const { t } = useTranslation("shell");
  const { user } = useSession();
  const { data } = useQuery(contactsQuery);
  const others = (data?.items ?? []).filter((c) => c.email === undefined || c.email !== user?.email);
  if (others.length === 0) return null;
  return (
    <div>
      <Title order={2}>{t("home.askTitle")}</Title>
      <Helpers contacts={others} />
    </div>
  );
}

/** Administration is closed until the security code is given. */
function Administration() {
  const { t } = useTranslation();
  const client = useQueryClient();
  return (
    <Paper withBorder p="md" radius="md" className={classes.narrow}>
      <Title order={2} mb="xs">
        {t("elevation.title")}
      </Title>
      <Alert color="gray" mb="md">
        {t("elevation.text")}
      </Alert>
      <Elevation
        onDone={(session) => {
          keepSession(client, session);
        }}
      />
    </Paper>
  );
}
