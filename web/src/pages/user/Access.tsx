import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { useSession } from "../../api/session";
import { Confirm, Question } from "../../parts/Confirm";
import { TextField } from "../../parts/fields";
import { DateField } from "../../parts/moreFields";
import { tell } from "../../parts/tell";
import { endOfDay } from "../../parts/time";
import { nameOf, useKeepUser, userQuery, type User } from "./user";
import { useQueryClient } from "@tanstack/react-query";

type Way = "sessions" | "factors" | "identity" | "noExemption";

/** Access is what can be done with the ways in to an account that is not one's own. */
export function Access({ user }: { user: User }) {
  const session = useSession();
  if (user.id === session.user?.id) return null; // there is a page for oneself
  const hasFactor = user.totp || user.passkeys > 0;
  const demand = session.userRules?.secondFactor ?? "nobody";
  const demanded = demand === "everybody" || (demand === "administrators" && user.admin);
  const secrets = session.support === undefined; // support staff touch none
  return (
    <Group gap="xs">
      {user.status === "active" && <Do way="sessions" user={user} />}
      {secrets && hasFactor && <Do way="factors" user={user} />}
      {secrets && user.identityLinked && <Do way="identity" user={user} />}
      {secrets && user.totpExemption && <Do way="noExemption" user={user} />}
      {secrets && !user.totpExemption && demanded && <Exempt user={user} />}
    </Group>
  );
}

/** Do is a button that asks, and does it. */
function Do({ way, user }: { way: Way; user: User }) {
  const { t } = useTranslation("user");
  const act = useAct(user);
  const facts = { name: nameOf(user) };
  return (
    <Confirm
      button={t(`access.${way}.ask`)}
      title={t(`access.${way}.title`, facts)}
      effect={t(`access.${way}.effect`, facts)}
      color="blue"
      onConfirm={async () => {
        await act(way);
        tell(t(`access.${way}.done`, facts));
      }}
    />
  );
}

function useAct(user: User): (way: Way) => Promise<void> {
  const client = useQueryClient();
  const keep = useKeepUser();
  const params = { path: { id: user.id } };
  return async (way) => {
    switch (way) {
      case "sessions":
        await answer(api.DELETE("/api/v1/users/{id}/sessions", { params }));
        await client.invalidateQueries({ queryKey: userQuery(user.id).queryKey });
        return;
      case "factors":
        await keep(await answer(api.POST("/api/v1/users/{id}/totp-reset", { params })));
        return;
      case "identity":
        await keep(await answer(api.POST("/api/v1/users/{id}/identity-reset", { params })));
        return;
      case "noExemption":
        await keep(await answer(api.DELETE("/api/v1/users/{id}/totp-exemption", { params })));
    }
  };
}

/** Exempt frees the user for a time from a second step that the settings demand. */
function Exempt({ user }: { user: User }) {
  const { t } = useTranslation("user");
  const keep = useKeepUser();
  const [open, setOpen] = useState(false);
  const name = nameOf(user);
  return (
    <>
      <Button
        variant="default"
        onClick={() => {
          setOpen(true);
        }}
      >
        {t("access.exempt.ask")}
      </Button>
      {open && (
        <Question
          button={t("access.exempt.ask")}
          title={t("access.exempt.title", { name })}
          effect={t("access.exempt.effect", { name })}
          onClose={() => {
            setOpen(false);
          }}
          onConfirm={async ({ reason = "", until = "" }) => {
            const body = { reason, until: endOfDay(until) };
            const params = { path: { id: user.id } };
            await keep(await answer(api.PUT("/api/v1/users/{id}/totp-exemption", { params, body })));
            tell(t("access.exempt.done", { name }));
          }}
        >
          <TextField name="reason" label={t("access.exempt.reason")} required />
          <DateField
            name="until"
            label={t("access.exempt.until")}
            description={t("access.exempt.untilHint")}
            required
          />
        </Question>
      )}
    </>
  );
}
