import { useTranslation } from "react-i18next";
import type { Version } from "./agreement";

/** Publisher is who put a version in force. */
export function Publisher({ by }: { by: Version["publishedBy"] }) {
  const { t } = useTranslation("agreement");
  if (!by) return t("by.beginning");
  return by.name ? <bdi>{by.name}</bdi> : t("by.gone");
}
