import { List, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { named } from "../../i18n/named";
import { Helpers } from "../../parts/Helpers";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { useHelpers } from "../../parts/useHelpers";
import classes from "../../shell/Shell.module.css";
import { rightsQuery } from "../own";

type Right = Schemas["RightBody"];

/** OwnRights says what one may do and why, and what not, with whom to ask for it. */
export function OwnRights() {
  const { t } = useTranslation("me");
  const session = useSession();
  const rights = useQuery(rightsQuery);
  return (
    <Page title={t("rights.title")} place={session.organisation?.name}>
      {session.support ? (
        <Text>{t("rights.support")}</Text>
      ) : (
        <Later query={rights}>{({ items }) => <Listed rights={items} />}</Later>
      )}
    </Page>
  );
}

function Listed({ rights }: { rights: readonly Right[] }) {
  const { t } = useTranslation("me");
  const held = rights.filter((r) => r.own?.held);
  const others = rights.filter((r) => !r.own?.held);
  const helpers = useHelpers();
  return (
    <>
      <Text>{t(held.length > 0 ? "rights.text" : "rights.nothing")}</Text>
      <WithReasons rights={held} />
      {others.length > 0 && (
        <section aria-labelledby="other-rights">
          <Title order={2} id="other-rights" mb="sm">
            {t("rights.others")}
          </Title>
          <details className={classes.long}>
            <summary>{t("rights.show", { count: others.length })}</summary>
            <WithReasons rights={others} />
          </details>
          <Helpers contacts={helpers} />
        </section>
      )}
    </>
  );
}

/** WithReasons lists rights by why one has them or not, which is the same for many. */
function WithReasons({ rights }: { rights: readonly Right[] }) {
  const why = useWhy();
  const reasons = [...new Set(rights.map(why))];
  return (
    <>
      {reasons.map((reason) => (
        <div key={reason}>
          <Text mt="sm" fw={600}>
            {reason}
          </Text>
          <List aria-label={reason}>
            {rights
              .filter((r) => why(r) === reason)
              .map((r) => (
                <List.Item key={r.id}>{named(r)}</List.Item>
              ))}
          </List>
        </div>
      ))}
    </>
  );
}

/** useWhy says why one has a right or has it not, and what must still be done to use it. */
function useWhy(): (right: Right) => string {
  const { t } = useTranslation("me");
  const session = useSession();
  return ({ id, own, perSchool }) => {
    if (!own) return "";
    if (own.denied) return t("why.denied");
    const said = [];
    if (own.granted) said.push(own.approvedBy ? t("why.agreed", { by: own.approvedBy }) : t("why.granted"));
    if (own.roles.length > 0) {
      said.push(t("why.role", { count: own.roles.length, roles: own.roles.map(named).join(", ") }));
    }
    if (!own.held) return t("why.none");
    if (perSchool) said.push(t("why.perSchool"));
    if (!session.rights.includes(id)) said.push(t("why.closed"));
    return said.join(" ");
  };
}
