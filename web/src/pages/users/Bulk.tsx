import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import type { Handed } from "../../parts/Handover";
import { actionsFor } from "./actions";
import type { BulkAction } from "./bulk";
import { BulkDialog } from "./BulkDialog";
import type { User } from "./users";
import classes from "./Users.module.css";

const offered = ["endDate", "reset", "suspend", "archive", "delete"] as const satisfies readonly BulkAction[];

interface BulkProps {
  chosen: readonly User[];
  onHandOver: (handed: Handed) => void;
  onClear: () => void;
}

/** Bulk does one thing with all users that are ticked. */
export function Bulk({ chosen, onHandOver, onClear }: BulkProps) {
  const { t } = useTranslation("users");
  const session = useSession();
  const [asked, setAsked] = useState<{ action: BulkAction; users: readonly User[]; left: number }>();
  const suits = (action: BulkAction, user: User) => action === "endDate" || actionsFor(user, session).includes(action);
  const ask = (action: BulkAction) => {
    const users = chosen.filter((u) => suits(action, u));
    setAsked({ action, users, left: chosen.length - users.length });
  };
  return (
    <>
      {chosen.length > 0 && (
        <section className={classes.bulk} aria-label={t("bulk.label")}>
          <strong role="status">{t("bulk.chosen", { count: chosen.length })}</strong>
          <Group gap="xs">
            {offered.map((action) => (
              <Button
                key={action}
                size="compact-md"
                variant="default"
                disabled={!chosen.some((u) => suits(action, u))}
                onClick={() => {
                  ask(action);
                }}
              >
                {t(`bulk.${action}.ask`)}
              </Button>
            ))}
            <Button size="compact-md" variant="subtle" onClick={onClear}>
              {t("bulk.clear")}
            </Button>
          </Group>
        </section>
      )}
      {asked && (
        <BulkDialog
          {...asked}
          onHandOver={onHandOver}
          onDone={onClear}
          onClose={() => {
            setAsked(undefined);
          }}
        />
      )}
    </>
  );
}
