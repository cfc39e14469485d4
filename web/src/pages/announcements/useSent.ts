import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { tell } from "../../parts/tell";
import { announcementQuery, type Announcement, type Channel } from "./announcements";

/** useSent leads to an announcement that has just been sent. */
export function useSent(channel: Channel): (sent: Announcement) => Promise<void> {
  const { t } = useTranslation("announcements");
  const client = useQueryClient();
  const navigate = useNavigate();
  return async (sent) => {
    const { id = "" } = sent;
    client.setQueryData(announcementQuery(channel, id).queryKey, sent);
    void client.invalidateQueries({ queryKey: [...channel.key, "list"] });
    await navigate(`${channel.path}/${id}`);
    tell(t("sent"));
  };
}
