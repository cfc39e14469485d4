import { Button, Group } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession, type Session } from "../../api/session";
import { Question } from "../../parts/Confirm";
import type { Handed } from "../../parts/Handover";
import { tell } from "../../parts/tell";
import { act, type Action } from "./act";
import { useEffectText, useGrace } from "./effects";
import { nameOf, type User } from "./users";

/**
 * actionsFor are what the caller may do with an account as it is now, in the order in which it is offered. Whether it is locked
 * is only said of one that was asked for alone.
 */
export function actionsFor(user: User, session: Session): Action[] {
  if (!session.rights.includes("users.manage")) return [];
  const self = user.id === session.user?.id;
  const remove: Action[] = user.canDelete ? ["delete"] : [];
  if (user.status === "archived") return self ? [] : ["restore", ...remove];
  const reset: Action[] = session.support ? [] : ["reset"]; // support staff touch no passwords
  if (self) return reset;
  const away: Action[] = user.canDelete ? ["archive", "delete"] : [];
  const unlock: Action[] = user.locked ? ["unlock"] : [];
  return [...unlock, ...reset, user.status === "suspended" ? "reinstate" : "suspend", ...away];
}

/** opens are the actions after which an account is open again. */
const opens: readonly Action[] = ["restore", "reinstate"];

interface Acted {
  /** onHandOver takes a password that the page has to show, by Handover. */
  onHandOver: (handed: Handed) => void;
  /** onDone is called when it is done, and lists and pages show it; a page that is gone then leads elsewhere. */
  onDone?: ((action: Action) => void) | undefined;
}

interface ActionQuestionProps extends Acted {
  action: Action;
  user: User;
  onClose: () => void;
}

/** ActionQuestion says plainly what an action will do to an account, and when, and does it when told so. */
export function ActionQuestion({ action, user, onHandOver, onDone, onClose }: ActionQuestionProps) {
  const { t } = useTranslation("users");
  const client = useQueryClient();
  const effect = useEffectText();
  const grace = useGrace();
  const name = nameOf(user);
  return (
    <Question
      button={t(`action.${action}.ask`)}
      title={t(`action.${action}.title`, { name })}
      effect={effect(action, user)}
      color={action === "delete" ? "red" : undefined}
      onClose={onClose}
      onConfirm={async () => {
        const password = await act(client, action, user);
        onDone?.(action); // may lead elsewhere, and what was done is told there
        if (password === undefined) {
          const done = t(`action.${action}.done`, { name, username: user.username, email: user.email });
          tell(opens.includes(action) ? `${done} ${grace()}`.trim() : done);
        } else {
          onHandOver({ said: t("handed.reset", { username: user.username }), name, username: user.username, password });
        }
      }}
    />
  );
}

interface ActionButtonsProps extends Acted {
  user: User;
  /** only names those that are wanted, if not all. */
  only?: readonly Action[];
  /** about names, for who does not see the row, whom the buttons are for. */
  about?: string;
}

/** ActionButtons are the actions that there are for an account, each of which asks first. */
export function ActionButtons({ user, only, about, ...acted }: ActionButtonsProps) {
  const { t } = useTranslation("users");
  const session = useSession();
  const [asked, setAsked] = useState<Action>();
  const offered = actionsFor(user, session).filter((a) => only === undefined || only.includes(a));
  return (
    <Group gap="xs">
      {offered.map((action) => (
        <Button
          key={action}
          variant="default"
          aria-label={about ? `${t(`action.${action}.ask`)}: ${about}` : undefined}
          onClick={() => {
            setAsked(action);
          }}
        >
          {t(`action.${action}.ask`)}
        </Button>
      ))}
      {asked && (
        <ActionQuestion
          action={asked}
          user={user}
          {...acted}
          onClose={() => {
            setAsked(undefined);
          }}
        />
      )}
    </Group>
  );
}
