import { useTranslation } from "react-i18next";
import { NavLink, Outlet } from "react-router";
import { useSession } from "../../api/session";
import classes from "../../shell/Shell.module.css";

const parts = ["", "password", "second-step", "sessions", "mails", "activity"] as const;

/** Me is around the pages about oneself. */
export function Me() {
  const { t } = useTranslation("me");
  const at = `/o/${useSession().organisation?.slug ?? ""}/me`;
  return (
    <>
      <nav className={classes.tabs} aria-label={t("nav.label")}>
        <ul>
          {parts.map((part) => (
            <li key={part}>
              <NavLink className={classes.link ?? ""} to={part === "" ? at : `${at}/${part}`} end>
                {t(`nav.${part === "" ? "details" : part}`)}
              </NavLink>
            </li>
          ))}
        </ul>
      </nav>
      <Outlet />
    </>
  );
}
