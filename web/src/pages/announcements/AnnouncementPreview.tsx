import { Alert, Button, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../parts/Dialog";
import { Form } from "../../parts/Form";
import classes from "./announcements.module.css";
import type { Announcement, Channel, NewAnnouncement } from "./announcements";

/** Counted is what was written, with how many it would reach; without exact at least so many. */
export interface Counted {
  written: NewAnnouncement;
  recipients: number;
  exact: boolean;
}

interface AnnouncementPreviewProps {
  channel: Channel;
  counted: Counted;
  onSent: (sent: Announcement) => Promise<void>;
  onClose: () => void;
}

/** AnnouncementPreview shows the mail as it will arrive, says how many it goes to, and asks. */
export function AnnouncementPreview({ channel, counted, onSent, onClose }: AnnouncementPreviewProps) {
  const { t } = useTranslation("announcements");
  const [key] = useState(() => crypto.randomUUID());
  const { written, recipients, exact } = counted;
  const back = (
    <Button variant="default" onClick={onClose} data-autofocus>
      {t("preview.back")}
    </Button>
  );
  const mail = <Mail written={written} from={channel.from} organisation={channel.organisation} />;
  if (recipients === 0 && exact) {
    return (
      <Dialog title={t("preview.title")} onClose={onClose}>
        {mail}
        <Alert color="yellow" my="md">
          {t("preview.nobody")}
        </Alert>
        {back}
      </Dialog>
    );
  }
  return (
    <Dialog title={t("preview.title")} onClose={onClose}>
      <Form
        submit={t(exact ? "preview.send" : "preview.sendMany", { count: recipients })}
        beside={back}
        onSubmit={async () => {
          await onSent(await channel.send(written, key));
        }}
      >
        {mail}
        <Text fw={600}>{t(exact ? "preview.ask" : "preview.askMany", { count: recipients })}</Text>
        <Text>{t("preview.effect")}</Text>
      </Form>
    </Dialog>
  );
}

interface MailProps {
  written: NewAnnouncement;
  from: string;
  organisation: string | undefined;
}

/** Mail is an announcement as its readers get it; a test holds the words against the mail itself. */
export function Mail({ written, from, organisation }: MailProps) {
  const { t } = useTranslation("announcements");
  return (
    <section className={classes.mail} aria-label={t("preview.mail")}>
      <p className={classes.subject}>
        <bdi>{from}</bdi>: <bdi>{written.subject}</bdi>
      </p>
      <p>{t("preview.writes", { from })}</p>
      <p className={classes.message} dir="auto">
        {written.body}
      </p>
      <p className={classes.closing}>
        {organisation === undefined ? t("preview.why", { from }) : t("preview.whyIn", { from, organisation })}{" "}
        {t(`preview.closing.${written.category}`)}
      </p>
    </section>
  );
}
