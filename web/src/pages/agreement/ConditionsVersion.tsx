import { Button, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { useSession } from "../../api/session";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { moment } from "../../parts/time";
import { NoSuchPage } from "../NoSuchPage";
import { AgreementText } from "../entrance/AgreementText";
import { conditionsQuery, type Conditions } from "./agreement";
import classes from "./agreement.module.css";
import { Differences } from "./Differences";

/** ConditionsVersion is one version of the conditions of use, with what it changed. */
export function ConditionsVersion() {
  const { t } = useTranslation("agreement");
  const { slug = "", version = "" } = useParams();
  const session = useSession();
  if (!/^[1-9]\d{0,5}$/.test(version)) return <NoSuchPage />;
  return (
    <Page title={t("of", { version })} place={session.organisation?.name}>
      <Shown version={Number(version)} />
      <div>
        <Button component={Link} to={`/o/${slug}/agreement`} variant="default">
          {t("versions.all")}
        </Button>
      </div>
    </Page>
  );
}

function Shown({ version }: { version: number }) {
  const { t } = useTranslation("agreement");
  const shown = useQuery(conditionsQuery(version));
  return (
    <Later query={shown}>
      {(found) =>
        found === null ? (
          <Text>{t("noVersion")}</Text>
        ) : (
          <>
            <Text>{t("since", { at: moment(found.publishedAt) })}</Text>
            <div className={classes.text}>
              <AgreementText short={found.short} long={found.long} />
            </div>
            {version > 1 && <Changed after={found} />}
          </>
        )
      }
    </Later>
  );
}

function Changed({ after }: { after: Conditions }) {
  const { t } = useTranslation("agreement");
  const before = useQuery(conditionsQuery(after.version - 1));
  return (
    <>
      <Title order={2}>{t("differences.title", { version: after.version - 1 })}</Title>
      <Later query={before}>{(found) => found && <Differences before={found} after={after} />}</Later>
    </>
  );
}
