import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Page } from "../../parts/Page";
import { AnnouncementAbout } from "./AnnouncementAbout";
import { AnnouncementForm } from "./AnnouncementForm";
import { AnnouncementList } from "./AnnouncementList";
import { ownChannel, type Channel } from "./announcements";
import { useSent } from "./useSent";

/** Announcements are the mails to everybody in the organisation. */
export function Announcements() {
  const { t } = useTranslation("announcements");
  const channel = useOwnChannel();
  return (
    <Page title={t("title")} place={channel.organisation}>
      <Text>{t("text")}</Text>
      <AnnouncementList channel={channel} />
    </Page>
  );
}

export function OwnAnnouncement() {
  return <AnnouncementAbout channel={useOwnChannel()} />;
}

export function WriteAnnouncement() {
  const { t } = useTranslation("announcements");
  const channel = useOwnChannel();
  const onSent = useSent(channel);
  return (
    <Page title={t("write.title")} place={channel.organisation}>
      <AnnouncementForm channel={channel} onSent={onSent} />
    </Page>
  );
}

function useOwnChannel(): Channel {
  const { organisation, user } = useSession();
  const from = `${user?.givenName ?? ""} ${user?.familyName ?? ""}`.trim();
  return ownChannel(organisation?.slug ?? "", organisation?.name ?? "", from);
}
