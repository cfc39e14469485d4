import { TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { fieldErrors, problemOf } from "../../api/problem";
import { Address } from "../../parts/Address";
import { lazily } from "../../parts/lazily";
import { fieldText, loadAnswers, problemText } from "../../parts/problemText";
import type { Stale as Both } from "../../parts/stale";
import { tell } from "../../parts/tell";
import { keepUser, nameOf, userQuery, type User } from "./users";
import classes from "./Users.module.css";

const Stale = lazy(async () => ({ default: (await lazily(() => import("../../parts/Stale"))).Stale }));

export type CellField = "givenName" | "familyName" | "email";

interface CellProps {
  user: User;
  field: CellField;
}

/** Cell is a detail in the list that becomes a field where it stands, by a click, Enter or F2. */
export function Cell({ user, field }: CellProps) {
  const { t } = useTranslation("users");
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const back = useRef(false);
  useEffect(() => {
    if (!open && back.current) button.current?.focus();
    back.current = open;
  }, [open]);
  if (open)
    return (
      <Editing
        user={user}
        field={field}
        onClose={() => {
          setOpen(false);
        }}
      />
    );
  return (
    <button
      ref={button}
      type="button"
      className={classes.cell}
      aria-label={`${user[field]}, ${t("cell.change", { what: t(`column.${field}`) })}`}
      onClick={() => {
        setOpen(true);
      }}
      onKeyDown={(event) => {
        if (event.key === "F2") setOpen(true);
      }}
    >
      {field === "email" ? <Address of={user.email} /> : user[field]}
    </button>
  );
}

function Editing({ user, field, onClose }: CellProps & { onClose: () => void }) {
  const { t } = useTranslation("users");
  const { save, pending, error, dialog } = useSaving(user, field, onClose);
  const [typed, setTyped] = useState(user[field]);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.select();
  }, [error]);
  return (
    <>
      <TextInput
        ref={input}
        aria-label={t("cell.of", { what: t(`column.${field}`), name: nameOf(user) })}
        description={t("cell.keys")}
        inputWrapperOrder={["input", "error", "description"]}
        type={field === "email" ? "email" : "text"}
        value={typed}
        error={error}
        readOnly={pending}
        autoComplete="off"
        onChange={(event) => {
          setTyped(event.currentTarget.value);
        }}
        onBlur={() => {
          if (typed === user[field] && error === undefined) onClose();
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") onClose();
          if (event.key === "Enter" && !pending) void save(typed);
        }}
      />
      {dialog}
    </>
  );
}

/** useSaving saves one detail; where somebody else has changed the same one meanwhile, it asks which is to be. */
function useSaving(user: User, field: CellField, onDone: () => void) {
  const { t } = useTranslation("users");
  const client = useQueryClient();
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string>();
  const [both, setBoth] = useState<{ now: User; stale: Both }>();

  const send = async (value: string, from: User): Promise<void> => {
    const params = { path: { id: user.id }, header: { "If-Match": `"${from.version}"` } };
    const after = await answer(api.PATCH("/api/v1/users/{id}", { params, body: { [field]: value } }));
    keepUser(client, after);
    tell(t("cell.done", { username: after.username, name: nameOf(after), email: after.email }));
    onDone();
  };
  const refused = async (value: string, caught: unknown): Promise<void> => {
    const problem = problemOf(caught);
    if (problem.code !== "stale_version") {
      await loadAnswers();
      const found = fieldErrors(problem, [field], problemText(problem), fieldText);
      setError(found[field] ?? found[""] ?? problemText(problem));
      return;
    }
    const now = await client.query({ ...userQuery(user.id), staleTime: 0 });
    // What the other did elsewhere, such as signing in, is no reason to ask.
    if (now[field] === user[field]) await send(value, now);
    else
      setBoth({
        now,
        stale: { base: { [field]: user[field] }, mine: { [field]: value }, theirs: { [field]: now[field] }, ticks: [] },
      });
  };
  const attempt = async (value: string, from: User): Promise<void> => {
    setPending(true);
    setError(undefined);
    try {
      await send(value, from).catch((caught: unknown) => refused(value, caught));
    } catch (caught) {
      setError(problemText(problemOf(caught)));
    } finally {
      setPending(false);
    }
  };
  const save = async (typed: string) => {
    if (typed.trim() === user[field]) onDone();
    else if (typed.trim() === "") setError(t("cell.missing"));
    else await attempt(typed.trim(), user);
  };
  const dialog = both && (
    <Suspense>
      <Stale
        both={both.stale}
        labelOf={() => t(`column.${field}`)}
        shown={(_, value) => value}
        onClose={() => {
          setBoth(undefined);
        }}
        onSave={(values) => {
          setBoth(undefined);
          void attempt(values[field] ?? "", both.now);
        }}
      />
    </Suspense>
  );
  return { save, pending, error, dialog };
}
