import { Alert, Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import type { Session } from "../../api/session";
import { Waiting } from "../../parts/Later";
import { lazily } from "../../parts/lazily";
import { ShownOnce } from "../../parts/ShownOnce";
import { Door } from "./Door";
import type { EntranceBody } from "./entrance";

const Challenge = lazy(async () => ({ default: (await lazily(() => import("./Challenge"))).Challenge }));

interface WayInProps {
  slug: string;
  /** entrance is known on the page of the organisation, and adds the other ways to sign in. */
  entrance?: EntranceBody;
  username?: string;
  session?: Session | null;
  onTry?: () => void;
  /** onStep tells how far one has come; null is the door. */
  onStep?: (session: Session | null) => void;
  onIn: (session: Session) => void;
}

/** titleOf is the heading of the step that a session is at. */
export function titleOf(session: Session | null) {
  if (session?.recoveryCodes?.length) return "codes.title" as const;
  return session?.challenge ? (`challenge.${session.challenge.kind}.title` as const) : ("door.title" as const);
}

/** WayIn leads from the door through every challenge until one is in, a step at a time. */
export function WayIn({ slug, entrance, username, session = null, onTry, onStep, onIn }: WayInProps) {
  const { t } = useTranslation("entrance");
  const [at, setAt] = useState(session);
  const [note, setNote] = useState<"signInAgain" | "refused">();
  const [known, setKnown] = useState(username); // whoever has to sign in again need not say again who it is

  const step = (after: Session) => {
    const over = after.status === "signInAgain" || after.status === "ended";
    setNote(after.status === "signInAgain" ? "signInAgain" : after.status === "ended" ? "refused" : undefined);
    if (after.status === "active" && !after.recoveryCodes?.length) {
      onIn(after);
      return;
    }
    if (after.status === "signInAgain") setKnown(at?.user?.username ?? username);
    setAt(over ? null : after);
    onStep?.(over ? null : after);
  };
  const leave = async () => {
    await answer(api.DELETE("/api/v1/session"));
    setAt(null);
    onStep?.(null);
  };

  if (at?.recoveryCodes?.length) {
    return (
      <>
        <ShownOnce title={t("codes.title")} hint={t("codes.hint")} secrets={at.recoveryCodes} />
        <Button
          onClick={() => {
            step({ ...at, recoveryCodes: [] });
          }}
        >
          {t("codes.goOn")}
        </Button>
      </>
    );
  }
  if (at?.challenge) {
    return (
      <Suspense fallback={<Waiting />}>
        <Challenge key={at.challenge.kind} challenge={at.challenge} onDone={step} onLeave={leave} />
      </Suspense>
    );
  }
  return (
    <>
      {note && (
        <Alert color={note === "refused" ? "yellow" : "green"} role="status">
          {t(`note.${note}`)}
        </Alert>
      )}
      <Door
        slug={slug}
        entrance={entrance}
        username={known}
        onTry={() => {
          setNote(undefined);
          onTry?.();
        }}
        onIn={step}
      />
    </>
  );
}
