import { Alert, Button, Group, List, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Dialog } from "../../parts/Dialog";
import { Form } from "../../parts/Form";
import type { Values } from "../../parts/formValues";
import type { Handed } from "../../parts/Handover";
import { DateField } from "../../parts/moreFields";
import { loadAnswers, problemText } from "../../parts/problemText";
import { tell } from "../../parts/tell";
import { endOfDay } from "../../parts/time";
import { each, setEndDates, type BulkAction, type Step } from "./bulk";
import { nameOf, type User } from "./users";
import classes from "./Users.module.css";

/** So many names are said; of more, how many there are. */
const named = 10;

interface BulkDialogProps {
  action: BulkAction;
  users: readonly User[];
  /** left counts those that were ticked and to whom it cannot be done. */
  left: number;
  onHandOver: (handed: Handed) => void;
  onDone: () => void;
  onClose: () => void;
}

/** BulkDialog asks once for all, says how far it is while it runs, and in the end what failed and why. */
export function BulkDialog({ action, users, left, onHandOver, onDone, onClose }: BulkDialogProps) {
  const { t } = useTranslation("users");
  const client = useQueryClient();
  const [steps, setSteps] = useState<Step[]>([]);
  const [at, setAt] = useState<"asking" | "running" | "over">("asking");
  const stop = useRef(false);
  const onStep = (step: Step) => {
    setSteps((before) => [...before, step]);
    if (step.password === undefined) return;
    const { username } = step.user;
    onHandOver({ said: t("handed.reset", { username }), name: nameOf(step.user), username, password: step.password });
  };
  const run = async (values: Values) => {
    const running = { client, users, onStep, stopped: () => stop.current };
    setAt("running");
    stop.current = false;
    try {
      if (action === "endDate") await setEndDates(values["endsAt"] ? endOfDay(values["endsAt"]) : "", running);
      else await each(action, running);
    } catch (error) {
      setAt("asking"); // what is wrong is wrong with what was typed
      throw error;
    }
    await loadAnswers();
    setAt("over");
    onDone();
  };
  const close = () => {
    stop.current = true;
    if (at === "running") return; // it ends with the one that is being done, and says how far it came
    const count = steps.filter((s) => s.problem === undefined).length;
    if (at === "over") tell(t(`bulk.${action}.done`, { count }));
    onClose();
  };
  return (
    <Dialog title={t(`bulk.${action}.title`, { count: users.length })} onClose={close}>
      {at === "over" ? (
        <Outcome steps={steps} of={users.length} onClose={close} />
      ) : (
        <Asking
          action={action}
          users={users}
          left={left}
          done={at === "running" ? steps.length : undefined}
          onRun={run}
          onClose={close}
        />
      )}
    </Dialog>
  );
}

interface AskingProps extends Pick<BulkDialogProps, "action" | "users" | "left" | "onClose"> {
  /** done is how many are done while it runs. */
  done: number | undefined;
  onRun: (values: Values) => Promise<void>;
}

function Asking({ action, users, left, done, onRun, onClose }: AskingProps) {
  const { t } = useTranslation("users");
  return (
    <Form
      submit={t(`bulk.${action}.ask`)}
      color={action === "delete" ? "red" : undefined}
      onSubmit={onRun}
      beside={
        <Button variant="default" onClick={onClose} data-autofocus={action !== "endDate" || undefined}>
          {t(done === undefined ? "bulk.cancel" : "bulk.stop")}
        </Button>
      }
    >
      <Effect action={action} />
      <Names users={users} left={left} />
      {action === "endDate" && (
        <DateField name="endsAt" label={t("column.endsAt")} description={t("bulk.endDate.hint")} autoComplete="off" />
      )}
      {done !== undefined && (
        <div role="status">
          <progress
            className={classes.progress}
            value={done}
            max={users.length}
            aria-label={t("bulk.progress", { done, of: users.length })}
          />
          <Text>{t("bulk.progress", { done, of: users.length })}</Text>
        </div>
      )}
    </Form>
  );
}

function Effect({ action }: { action: BulkAction }) {
  const { t } = useTranslation("users");
  const { userRules: rules } = useSession();
  if (action === "reset") return <Text>{t(`bulk.reset.effect.${rules?.reset ?? "temporary"}`)}</Text>;
  if (action === "archive") {
    const days = rules?.keepDays ?? 0;
    return <Text>{days === 0 ? t("bulk.archive.effectForGood") : t("bulk.archive.effect", { count: days })}</Text>;
  }
  return <Text>{t(`bulk.${action}.effect`)}</Text>;
}

function Names({ users, left }: { users: readonly User[]; left: number }) {
  const { t } = useTranslation("users");
  return (
    <>
      <List>
        {users.slice(0, named).map((u) => (
          <List.Item key={u.id}>{`${nameOf(u)} (${u.username})`}</List.Item>
        ))}
        {users.length > named && <List.Item>{t("bulk.others", { count: users.length - named })}</List.Item>}
      </List>
      {left > 0 && <Alert color="gray">{t("bulk.left", { count: left })}</Alert>}
    </>
  );
}

function Outcome({ steps, of, onClose }: { steps: readonly Step[]; of: number; onClose: () => void }) {
  const { t } = useTranslation("users");
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    button.current?.focus();
  }, []);
  const failed = steps.filter((s) => s.problem !== undefined);
  return (
    <Stack>
      <Text role="status">{t("bulk.outcome", { done: steps.length - failed.length, of })}</Text>
      {failed.length > 0 && (
        <Alert color="red" title={t("bulk.failed", { count: failed.length })}>
          <List>
            {failed.map(({ user, problem }) => (
              <List.Item
                key={user.id}
              >{`${nameOf(user)} (${user.username}): ${problem ? problemText(problem) : ""}`}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Group>
        <Button onClick={onClose} ref={button}>
          {t("bulk.close")}
        </Button>
      </Group>
    </Stack>
  );
}
