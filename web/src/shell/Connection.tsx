import { Alert } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { connected } from "../api/reach";
import { useStore } from "../api/store";
import classes from "./Shell.module.css";

/** Connection says that the service cannot be reached, until it can; what is read is asked for again meanwhile. */
export function Connection() {
  const { t } = useTranslation();
  const here = useStore(connected);
  return (
    <div role="status" className={classes.connection}>
      {!here && <Alert color="yellow">{t("connection.lost")}</Alert>}
    </div>
  );
}
