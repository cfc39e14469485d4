import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { useSession } from "../../api/session";
import { Page } from "../../parts/Page";
import { AnnouncementAbout } from "../announcements/AnnouncementAbout";
import { AnnouncementForm } from "../announcements/AnnouncementForm";
import { AnnouncementList } from "../announcements/AnnouncementList";
import type { Channel } from "../announcements/announcements";
import { useSent } from "../announcements/useSent";

/** AnnouncementsToAll are the platform's mails to the users of all organisations. */
export function AnnouncementsToAll() {
  const { t } = useTranslation("operator");
  const { organisation } = useSession();
  return (
    <Page title={t("toAll.title")} place={organisation?.name}>
      <Text>{t("toAll.text")}</Text>
      <AnnouncementList channel={useChannelToAll()} />
    </Page>
  );
}

export function WriteToAll() {
  const { t } = useTranslation("operator");
  const { organisation } = useSession();
  const channel = useChannelToAll();
  const onSent = useSent(channel);
  return (
    <Page title={t("toAll.write")} place={organisation?.name}>
      <AnnouncementForm channel={channel} onSent={onSent} />
    </Page>
  );
}

export function AnnouncementToAll() {
  return <AnnouncementAbout channel={useChannelToAll()} />;
}

/** The platform writes in its own name, and readers are told nothing of an organisation. */
function useChannelToAll(): Channel {
  const { organisation } = useSession();
  return {
    key: ["own", "announcementsToAll"],
    path: `/o/${organisation?.slug ?? ""}/to-all`,
    from: organisation?.name ?? "",
    categories: ["service", "news", "newsletter"],
    list: (cursor) =>
      answer(api.GET("/api/v1/operator/announcements", { params: { query: { limit: 25, ...cursor } } })),
    read: (id) => answer(api.GET("/api/v1/operator/announcements/{id}", { params: { path: { id } } })),
    count: (body) => answer(api.POST("/api/v1/operator/announcements", { params: { query: { dryRun: true } }, body })),
    send: (body, key) =>
      answer(api.POST("/api/v1/operator/announcements", { params: { header: { "Idempotency-Key": key } }, body })),
  };
}
