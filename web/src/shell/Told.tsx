import { CloseButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import { useStore } from "../api/store";
import { hush, saying } from "../parts/tell";
import classes from "./Told.module.css";

/** Told is where pages say what they have done, until one goes on. */
export function Told() {
  const { t } = useTranslation("parts");
  const said = useStore(saying);
  const { pathname } = useLocation();
  const shown = said?.path === pathname ? said : undefined;
  return (
    <div className={classes.place} role="status">
      {shown && (
        <div className={classes.told}>
          <span>{shown.text}</span>
          <CloseButton variant="transparent" c="inherit" aria-label={t("close")} onClick={hush} />
        </div>
      )}
    </div>
  );
}
