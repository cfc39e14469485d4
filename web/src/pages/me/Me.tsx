import { useTranslation } from "react-i18next";
import { Outlet } from "react-router";
import { useSession } from "../../api/session";
import { Tabs } from "../../parts/Tabs";

const parts = ["", "rights", "password", "second-step", "sessions", "mails", "activity"] as const;

/** Me is around the pages about oneself. */
export function Me() {
  const { t } = useTranslation("me");
  const at = `/o/${useSession().organisation?.slug ?? ""}/me`;
  const tabs = parts.map((part) => ({
    to: part === "" ? at : `${at}/${part}`,
    label: t(`nav.${part === "" ? "details" : part}`),
  }));
  return (
    <>
      <Tabs label={t("nav.label")} tabs={tabs} />
      <Outlet />
    </>
  );
}
