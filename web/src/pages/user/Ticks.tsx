import { Alert } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useField } from "../../parts/Form";
import { TickList, type TickListProps } from "../../parts/TickList";

/** Ticks is a list to tick whose choices the page holds; what the API says of the field is said at it. */
export function Ticks({ name, ...list }: Omit<TickListProps, "error"> & { name: string }) {
  const { error } = useField(name);
  return (
    <>
      <TickList {...list} error={error} />
      <input type="hidden" name={name} value={list.ticked.size} data-label={list.label} />
    </>
  );
}

/** Mixed says that somebody else's change is now in what is chosen. */
export function Mixed({ mixed }: { mixed: boolean }) {
  const { t } = useTranslation("user");
  return <div role="status">{mixed && <Alert color="yellow">{t("mixed")}</Alert>}</div>;
}
