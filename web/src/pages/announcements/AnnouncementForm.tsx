import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import { KeepTyped } from "../../parts/KeepTyped";
import { ChoiceField, LongTextField } from "../../parts/moreFields";
import classes from "../../shell/Shell.module.css";
import { AnnouncementPreview, type Counted } from "./AnnouncementPreview";
import type { Announcement, Category, Channel, NewAnnouncement } from "./announcements";

interface AnnouncementFormProps {
  channel: Channel;
  onSent: (sent: Announcement) => Promise<void>;
}

/** AnnouncementForm is where a mail to many is written. Before it goes out it is shown, with how many will get it. */
export function AnnouncementForm({ channel, onSent }: AnnouncementFormProps) {
  const { t } = useTranslation("announcements");
  const [counted, setCounted] = useState<Counted>();
  return (
    <div className={classes.narrow}>
      <Form
        submit={t("write.preview")}
        beside={
          <Button component={Link} to={channel.path} variant="default">
            {t("write.back")}
          </Button>
        }
        onSubmit={async ({ category = "", subject = "", body = "" }) => {
          const written: NewAnnouncement = { category: category as Category, subject, body };
          const { recipients = 0, exact = true } = await channel.count(written);
          setCounted({ written, recipients, exact });
        }}
      >
        <ChoiceField
          name="category"
          label={t("write.category")}
          defaultValue={channel.categories[0]}
          options={channel.categories.map((c) => ({
            value: c,
            label: t(`category.${c}`),
            description: t(`categoryHint.${c}`),
          }))}
        />
        <TextField name="subject" label={t("write.subject")} required autoComplete="off" />
        <LongTextField name="body" label={t("write.body")} description={t("write.bodyHint")} required />
        <KeepTyped />
      </Form>
      {counted && (
        <AnnouncementPreview
          channel={channel}
          counted={counted}
          onSent={onSent}
          onClose={() => {
            setCounted(undefined);
          }}
        />
      )}
    </div>
  );
}
