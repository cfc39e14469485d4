import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { keepSession, left } from "../api/session";
import classes from "./Shell.module.css";

/** SignOut ends the session. Whatever the service answers, this browser forgets what it saw. */
export function SignOut() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const leave = async () => {
    await api.DELETE("/api/v1/session");
    left.set(true);
    keepSession(client, null);
  };
  return (
    <button type="button" className={classes.out} onClick={() => void leave()}>
      {t("signOut")}
    </button>
  );
}
