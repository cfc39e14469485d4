import { Anchor, Button, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useSession } from "../../api/session";
import { Dialog } from "../../parts/Dialog";
import type { Handed } from "../../parts/Handover";
import type { Action } from "./act";
import { ActionQuestion, actionsFor } from "./actions";
import { nameOf, userQuery, type User } from "./users";
import classes from "./Users.module.css";

const direct: readonly Action[] = ["reset", "delete"];

interface RowActionsProps {
  user: User;
  onHandOver: (handed: Handed) => void;
}

/** RowActions are what can be done with one user: the two that are needed most at once, the others one click further. */
export function RowActions({ user, onHandOver }: RowActionsProps) {
  const { t } = useTranslation("users");
  const session = useSession();
  const [asked, setAsked] = useState<Action | "menu">();
  const offered = actionsFor(user, session);
  const close = () => {
    setAsked(undefined);
  };
  const button = (action: Action | "menu", text: string) => (
    <Button
      key={action}
      size="compact-sm"
      variant="default"
      aria-label={`${text}: ${nameOf(user)}`}
      aria-haspopup="dialog"
      onClick={() => {
        setAsked(action);
      }}
    >
      {text}
    </Button>
  );
  if (offered.length === 0) return null;
  return (
    <div className={classes.actions}>
      {direct.filter((a) => offered.includes(a)).map((a) => button(a, t(`action.${a}.ask`)))}
      {!user.canDelete && <span>{t(user.admin ? "adminUser" : "ownAccount")}</span>}
      {offered.some((a) => !direct.includes(a)) && button("menu", t("menu.more"))}
      {asked === "menu" && <Menu user={user} onAsk={setAsked} onClose={close} />}
      {asked !== undefined && asked !== "menu" && (
        <ActionQuestion action={asked} user={user} onHandOver={onHandOver} onClose={close} />
      )}
    </div>
  );
}

interface MenuProps {
  user: User;
  onAsk: (action: Action) => void;
  onClose: () => void;
}

/** Menu has everything that can be done with a user, in buttons that a finger finds. */
function Menu({ user, onAsk, onClose }: MenuProps) {
  const { t } = useTranslation("users");
  const session = useSession();
  const alone = useQuery({ ...userQuery(user.id), staleTime: 0 }); // a list does not say who is locked out
  const { locked = false } = alone.data ?? {};
  const offered = actionsFor({ ...user, locked: false }, session);
  const all: readonly Action[] = locked && user.status !== "archived" ? [...offered, "unlock"] : offered; // last: nothing moves
  return (
    <Dialog title={nameOf(user)} onClose={onClose}>
      <Stack gap="xs">
        <Anchor
          component={Link}
          underline="always"
          to={`/o/${session.organisation?.slug ?? ""}/users/${user.id}`}
          data-autofocus
        >
          {t("menu.open")}
        </Anchor>
        {all.map((action) => (
          <Button
            key={action}
            variant="default"
            onClick={() => {
              onAsk(action);
            }}
          >
            {t(`action.${action}.ask`)}
          </Button>
        ))}
        <div role="status">{locked && <Text size="sm">{t("menu.locked")}</Text>}</div>
        <Button variant="subtle" onClick={onClose}>
          {t("menu.close")}
        </Button>
      </Stack>
    </Dialog>
  );
}
