import { Alert, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ReactNode } from "react";
import { answer, api } from "../../api/client";
import { Confirm } from "../../parts/Confirm";
import { tell } from "../../parts/tell";
import { day } from "../../parts/time";
import { useKeepUser, type User } from "./user";

/** Undeliverable tells that mails to the address come back, and since when. */
export function Undeliverable({ user, children }: { user: User; children?: ReactNode }) {
  const { t } = useTranslation("user");
  if (!user.undeliverable) return null;
  const { reason, since } = user.undeliverable;
  return (
    <Alert color="red" title={t("undeliverable.title")}>
      <Text inherit mb="xs">
        {t(`undeliverable.${reason}`, { email: user.email, day: day(since) })}
      </Text>
      {children}
    </Alert>
  );
}

/** Arrives says that mails to the address arrive after all, so that it is written to again. */
export function Arrives({ user }: { user: User }) {
  const { t } = useTranslation("user");
  const keep = useKeepUser();
  return (
    <Confirm
      button={t("undeliverable.arrives")}
      title={t("undeliverable.arrivesTitle")}
      effect={t("undeliverable.arrivesEffect", { email: user.email })}
      color="blue"
      onConfirm={async () => {
        const params = { path: { id: user.id } };
        await keep(await answer(api.PATCH("/api/v1/users/{id}", { params, body: { undeliverable: false } })));
        tell(t("undeliverable.arrivesDone", { email: user.email }));
      }}
    />
  );
}
