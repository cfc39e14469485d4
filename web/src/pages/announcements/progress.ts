import { useTranslation } from "react-i18next";
import type { Announcement } from "./announcements";

/** useProgress says how far an announcement is. */
export function useProgress(): (a: Announcement) => string {
  const { t } = useTranslation("announcements");
  return (a) => {
    if (a.status === "written") return t("progress.written", { count: a.written });
    if (a.total === undefined) return t("progress.writing", { count: a.written });
    return t("progress.writingOf", { count: a.written, done: a.done, total: a.total });
  };
}
