import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import type { Session } from "../api/session";
import { moment } from "../parts/time";
import classes from "./SupportBanner.module.css";

/** SupportBanner says on every page, and all the time, that one is in somebody else's organisation. */
export function SupportBanner({ support }: { support: NonNullable<Session["support"]> }) {
  const { t } = useTranslation("shell");
  const leave = async () => {
    await api.DELETE("/api/v1/session");
    location.assign("/o/operator"); // where support staff sign in, and nothing of the organisation is left
  };
  return (
    <section className={classes.banner} aria-label={t("support.title")}>
      <p className={classes.text}>
        <strong>{t("support.title")}.</strong>{" "}
        {t("support.text", { who: support.supporter, reason: support.reason, until: moment(support.until) })}
      </p>
      <Button variant="default" size="compact-md" onClick={() => void leave()}>
        {t("support.leave")}
      </Button>
    </section>
  );
}
