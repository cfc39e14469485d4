import { Button, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, answer } from "../api/client";
import { interrupt } from "../api/interruption";
import { lastUse } from "../api/reach";
import { keepSession, type Session } from "../api/session";
import { lazily } from "../parts/lazily";
import { idleState, worthTelling } from "./idle";

const Dialog = lazy(async () => ({ default: (await lazily(() => import("../parts/Dialog"))).Dialog }));

/** Uses in one tab count in the others, which share the session. */
const tabs = new BroadcastChannel("caretaker-last-use");

/** IdleGuard warns before the session ends for want of use, and asks to sign in again when it has ended. */
export function IdleGuard({ session }: { session: Session }) {
  const idleMs = (session.idleMinutes ?? 0) * 60_000;
  const unused = useUnused(idleMs > 0);
  const client = useQueryClient();
  const stay = useCallback(async () => {
    keepSession(client, await answer(api.GET("/api/v1/session")));
  }, [client]);
  useTyping(idleMs, stay);

  const state = idleMs > 0 ? idleState(idleMs, unused) : "in use";
  useEffect(() => {
    if (state === "over") void interrupt("signIn");
  }, [state]);
  if (state !== "warn") return null;
  return (
    <Suspense>
      <Warning seconds={Math.ceil((idleMs - unused) / 1000)} stay={stay} />
    </Suspense>
  );
}

function Warning({ seconds, stay }: { seconds: number; stay: () => Promise<void> }) {
  const { t } = useTranslation("shell");
  return (
    <Dialog title={t("idle.title")} onClose={() => void stay()}>
      <Text>{t("idle.text", { count: seconds })}</Text>
      <Button mt="md" data-autofocus onClick={() => void stay()}>
        {t("idle.stay")}
      </Button>
    </Dialog>
  );
}

/** useUnused is for how many milliseconds the session was not used, looked at every second. */
function useUnused(on: boolean): number {
  const [unused, setUnused] = useState(0);
  useEffect(() => {
    if (!on) return undefined;
    const look = setInterval(() => {
      setUnused(lastUse.get() === 0 ? 0 : Date.now() - lastUse.get());
    }, 1000);
    return () => {
      clearInterval(look);
    };
  }, [on]);
  useEffect(() => {
    tabs.onmessage = ({ data }) => {
      if (typeof data === "number" && data > lastUse.get() && lastUse.get() > 0) lastUse.set(data);
    };
    return lastUse.subscribe(() => {
      tabs.postMessage(lastUse.get());
    });
  }, []);
  return unused;
}

/** useTyping tells the service of use that needs no request. */
function useTyping(idleMs: number, tell: () => Promise<void>): void {
  useEffect(() => {
    const typed = () => {
      if (!worthTelling(idleMs, Date.now() - lastUse.get())) return;
      lastUse.set(Date.now()); // once, however quickly somebody types
      void tell();
    };
    addEventListener("keydown", typed);
    addEventListener("pointerdown", typed);
    return () => {
      removeEventListener("keydown", typed);
      removeEventListener("pointerdown", typed);
    };
  }, [idleMs, tell]);
}
