import { useTranslation } from "react-i18next";
import classes from "./Shell.module.css";

/** SkipLink leads past what is the same on every page. It leaves the address as it is, which is the router's. */
export function SkipLink() {
  const { t } = useTranslation();
  return (
    <a
      href="#main"
      className={classes.skip}
      onClick={(event) => {
        event.preventDefault();
        document.getElementById("main")?.focus();
      }}
    >
      {t("skip")}
    </a>
  );
}
