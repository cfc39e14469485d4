import { useState } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { named } from "../i18n/named";
import { groups, type Place } from "./places";
import classes from "./Menu.module.css";

/** Menu leads to the places. Where the screen is narrow it is opened by a button, and closes when one has gone somewhere. */
export function Menu({ places }: { places: readonly Place[] }) {
  const { t } = useTranslation("shell");
  const [open, setOpen] = useState(false);
  const shown = groups.filter((g) => places.some((p) => p.group === g));
  return (
    <nav className={classes.menu} aria-label={t("nav.label")}>
      <button
        type="button"
        className={classes.button}
        aria-expanded={open}
        onClick={() => {
          setOpen(!open);
        }}
      >
        {t("nav.menu")}
      </button>
      <div className={classes.groups} data-open={open || undefined}>
        {shown.map((group) => (
          <div key={group}>
            {shown.length > 1 && <p className={classes.group}>{t(`nav.${group}`)}</p>}
            <ul>
              {places
                .filter((p) => p.group === group)
                .map(({ to, label, area }) => (
                  <li key={to}>
                    <NavLink
                      className={classes.link ?? ""}
                      to={to}
                      onClick={() => {
                        setOpen(false);
                      }}
                    >
                      {area ? named(area) : t(label)}
                    </NavLink>
                  </li>
                ))}
            </ul>
          </div>
        ))}
      </div>
    </nav>
  );
}
