import { Button, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { Interruption } from "../api/interruption";
import { keepSession, type Session } from "../api/session";
import { Confirming } from "../pages/entrance/Confirming";
import { Elevation } from "../pages/entrance/Elevation";
import { WayIn } from "../pages/entrance/WayIn";
import { Dialog } from "../parts/Dialog";

/** Interruptions asks, above the page and what was typed there, for what a request needs before it can be sent again. */
export function Interruptions({ asked, session }: { asked: Interruption; session: Session }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const slug = session.organisation?.slug ?? "";
  const giveUp = () => {
    asked.settle(false);
    if (asked.kind === "signIn") keepSession(client, null); // which leads to the entrance
  };
  const goOn = (after?: Session) => {
    if (after) keepSession(client, after);
    const same = after === undefined || after.user?.id === session.user?.id;
    asked.settle(same); // what one has typed is not sent in the name of another
    if (!same) void navigate(`/o/${slug}/home`);
  };
  return (
    <Dialog title={t(`interruption.${asked.kind}.title`)} onClose={giveUp}>
      <Text mb="md">{t(`interruption.${asked.kind}.text`)}</Text>
      {asked.kind === "signIn" && <WayIn slug={slug} username={session.user?.username ?? ""} onIn={goOn} />}
      {asked.kind === "elevate" && <Elevation onDone={goOn} />}
      {asked.kind === "confirm" && <Confirming session={session} onDone={goOn} />}
      <Button variant="default" mt="md" onClick={giveUp}>
        {t("cancel")}
      </Button>
    </Dialog>
  );
}
