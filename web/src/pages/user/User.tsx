import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, Outlet, useParams } from "react-router";
import { useSession } from "../../api/session";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { Tabs } from "../../parts/Tabs";
import { nameOf, useMay, userQuery } from "./user";

/** User is around the pages about one user. */
export function User() {
  const { t } = useTranslation("user");
  const { id = "" } = useParams();
  const session = useSession();
  const user = useQuery(userQuery(id));
  const users = `/o/${session.organisation?.slug ?? ""}/users`;
  const schools = useMay("schools.view");
  if (user.data === undefined) {
    return (
      <Page title={t("title")} place={session.organisation?.name}>
        <Later query={user}>{() => null}</Later>
        <Back to={users} />
      </Page>
    );
  }
  const parts = ["", "rights", ...(schools ? (["schools"] as const) : []), "mails", "history"] as const;
  const tabs = parts.map((part) => ({
    to: part === "" ? `${users}/${id}` : `${users}/${id}/${part}`,
    label: t(`tab.${part === "" ? "details" : part}`),
  }));
  return (
    <>
      <Back to={users} />
      <Tabs label={nameOf(user.data)} tabs={tabs} />
      <Outlet context={user.data} />
    </>
  );
}

function Back({ to }: { to: string }) {
  const { t } = useTranslation("user");
  return (
    <p>
      <Anchor component={Link} to={to} underline="always">
        {t("back")}
      </Anchor>
    </p>
  );
}
