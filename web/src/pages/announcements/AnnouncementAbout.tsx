import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { moment } from "../../parts/time";
import classes from "../../shell/Shell.module.css";
import { Mail } from "./AnnouncementPreview";
import { announcementQuery, type Announcement, type Channel } from "./announcements";
import { useProgress } from "./progress";

/** AnnouncementAbout is one announcement, with how far its mails are, which it looks at again while they are written. */
export function AnnouncementAbout({ channel }: { channel: Channel }) {
  const { t } = useTranslation("announcements");
  const { id = "" } = useParams();
  const one = useQuery(announcementQuery(channel, id));
  return (
    <Page title={one.data?.subject ?? t("one.title")} place={channel.organisation}>
      <Later query={one}>{(a) => <About announcement={a} channel={channel} />}</Later>
      <div>
        <Button component={Link} to={channel.path} variant="default">
          {t("one.all")}
        </Button>
      </div>
    </Page>
  );
}

function About({ announcement, channel }: { announcement: Announcement; channel: Channel }) {
  const { t } = useTranslation("announcements");
  const progress = useProgress();
  return (
    <div className={classes.narrow}>
      <dl className={classes.facts}>
        <div>
          <dt>{t("list.progress")}</dt>
          <dd>
            <span role="status">{progress(announcement)}</span>
          </dd>
        </div>
        <div>
          <dt>{t("list.at")}</dt>
          <dd>{announcement.createdAt ? moment(announcement.createdAt) : ""}</dd>
        </div>
        <div>
          <dt>{t("list.category")}</dt>
          <dd>{t(`categoryHint.${announcement.category}`)}</dd>
        </div>
      </dl>
      <Mail written={announcement} from={announcement.from ?? ""} organisation={channel.organisation} />
    </div>
  );
}
