import { Anchor, Button, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useSession } from "../../api/session";
import { DataTable, type Column } from "../../parts/DataTable";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { Pages, usePages } from "../../parts/pages";
import { moment } from "../../parts/time";
import { AgreementText } from "../entrance/AgreementText";
import { agreementKey, conditionsQuery, versions, type Version } from "./agreement";
import classes from "./agreement.module.css";
import { Publisher } from "./Publisher";

/** Conditions are the conditions of use in force, for everybody to read again; who may changes them from here. */
export function Conditions() {
  const { t } = useTranslation("agreement");
  const session = useSession();
  const inForce = useQuery(conditionsQuery(0));
  const manages = session.rights.includes("agreement.manage");
  return (
    <Page title={t("title")} place={session.organisation?.name}>
      <Later query={inForce}>
        {(found) =>
          found === null ? (
            <Text>{t(manages ? "none" : "noneYet")}</Text>
          ) : (
            <>
              <Text>{t("inForce", { version: found.version, at: moment(found.publishedAt) })}</Text>
              <div className={classes.text}>
                <AgreementText short={found.short} long={found.long} />
              </div>
            </>
          )
        }
      </Later>
      {manages && <Versions slug={session.organisation?.slug ?? ""} />}
    </Page>
  );
}

function Versions({ slug }: { slug: string }) {
  const { t } = useTranslation("agreement");
  const found = usePages([...agreementKey, "versions"], versions);
  const columns: Column<Version>[] = [
    {
      key: "version",
      label: t("versions.version"),
      cell: (v) => (
        <Anchor component={Link} to={`/o/${slug}/agreement/${v.version}`} underline="always">
          {t("version", { version: v.version })}
        </Anchor>
      ),
    },
    { key: "at", label: t("versions.at"), cell: (v) => moment(v.publishedAt) },
    { key: "by", label: t("versions.by"), cell: (v) => <Publisher by={v.publishedBy} /> },
  ];
  return (
    <>
      <div>
        <Button component={Link} to={`/o/${slug}/agreement/new`}>
          {t("write.link")}
        </Button>
      </div>
      <Title order={2}>{t("versions.title")}</Title>
      <Pages query={found}>
        {(rows) => (
          <DataTable
            caption={t("versions.caption")}
            columns={columns}
            rows={rows}
            rowKey={(v) => String(v.version)}
            empty={t("versions.none")}
          />
        )}
      </Pages>
    </>
  );
}
