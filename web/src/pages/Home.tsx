import { Alert, Paper, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { keepSession, useSession } from "../api/session";
import { named } from "../i18n/named";
import { Helpers } from "../parts/Helpers";
import { Page } from "../parts/Page";
import { day } from "../parts/time";
import { useHelpers } from "../parts/useHelpers";
import { pageOf, type Area } from "../shell/places";
import classes from "../shell/Shell.module.css";
import { Elevation } from "./entrance/Elevation";

/** Home shows all areas. Those that are closed are there too, with whom to ask for them. */
export function Home() {
  const { t } = useTranslation("shell");
  const session = useSession();
  const slug = session.organisation?.slug ?? "";
  const here = session.areas.filter((a) => a.enabled && pageOf(a.id, slug) !== undefined);
  const elsewhere = session.areas.filter((a) => a.enabled && pageOf(a.id, slug) === undefined);
  const closed = session.areas.filter((a) => !a.enabled);
  return (
    <Page title={t("home.title", { name: session.user?.givenName ?? "" })} place={session.organisation?.name}>
      {session.passwordExpiresAt && <Text>{t("home.passwordUntil", { day: day(session.passwordExpiresAt) })}</Text>}
      {session.elevationNeeded && <Administration />}
      <Areas title={t("home.here")} areas={here} slug={slug} />
      <Areas title={t("home.elsewhere")} text={t("home.elsewhereText")} areas={elsewhere} slug={slug} />
      <Areas title={t("home.closed")} areas={closed} slug={slug} />
      {closed.length > 0 && <WhomToAsk />}
    </Page>
  );
}

interface AreasProps {
  title: string;
  text?: string;
  areas: readonly Area[];
  slug: string;
}

function Areas({ title, text, areas, slug }: AreasProps) {
  const id = useId();
  if (areas.length === 0) return null;
  return (
    <Stack component="section" aria-labelledby={id} gap="md">
      <Title order={2} id={id}>
        {title}
      </Title>
      {text && <Text>{text}</Text>}
      <ul className={classes.areas}>
        {areas.map((area) => (
          <li key={area.id}>
            <AreaCard area={area} slug={slug} />
          </li>
        ))}
      </ul>
    </Stack>
  );
}

function AreaCard({ area, slug }: { area: Area; slug: string }) {
  const page = pageOf(area.id, slug);
  const name = <span className={classes.areaName}>{named(area)}</span>;
  if (!area.enabled) return <div className={`${classes.area ?? ""} ${classes.closed ?? ""}`}>{name}</div>;
  if (page === undefined) return <div className={classes.area}>{name}</div>;
  return (
    <Link to={page} className={classes.area ?? ""}>
      {name}
    </Link>
  );
}

function WhomToAsk() {
  const { t } = useTranslation("shell");
  const others = useHelpers();
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
