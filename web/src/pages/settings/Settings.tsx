import { useTranslation } from "react-i18next";
import { NavLink, Outlet } from "react-router";
import { useSession } from "../../api/session";
import classes from "../../shell/Shell.module.css";

const parts = { policy: "", codes: "codes", contact: "contact", provider: "identity-provider" } as const;
const names = Object.keys(parts) as (keyof typeof parts)[];

/** Settings is around the pages on which an organisation is set up. */
export function Settings() {
  const { t } = useTranslation("settings");
  const at = `/o/${useSession().organisation?.slug ?? ""}/settings`;
  return (
    <>
      <nav className={classes.tabs} aria-label={t("nav.label")}>
        <ul>
          {names.map((part) => (
            <li key={part}>
              <NavLink className={classes.link ?? ""} to={parts[part] === "" ? at : `${at}/${parts[part]}`} end>
                {t(`nav.${part}`)}
              </NavLink>
            </li>
          ))}
        </ul>
      </nav>
      <Outlet />
    </>
  );
}
