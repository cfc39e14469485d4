import { Anchor, Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { DataTable, type Column } from "../../parts/DataTable";
import { Pages, usePages } from "../../parts/pages";
import { moment } from "../../parts/time";
import type { Announcement, Channel } from "./announcements";
import { useProgress } from "./progress";

/** AnnouncementList is what was written so far, newest first, with the way to write another one. */
export function AnnouncementList({ channel }: { channel: Channel }) {
  const { t } = useTranslation("announcements");
  const progress = useProgress();
  const announcements = usePages([...channel.key, "list"], channel.list);
  const columns: Column<Announcement>[] = [
    {
      key: "subject",
      label: t("list.subject"),
      cell: (a) => (
        <Anchor component={Link} to={`${channel.path}/${a.id ?? ""}`} underline="always">
          <bdi>{a.subject}</bdi>
        </Anchor>
      ),
    },
    { key: "category", label: t("list.category"), cell: (a) => t(`category.${a.category}`) },
    { key: "from", label: t("list.from"), cell: (a) => <bdi>{a.from}</bdi> },
    { key: "at", label: t("list.at"), cell: (a) => (a.createdAt ? moment(a.createdAt) : "") },
    { key: "progress", label: t("list.progress"), cell: progress },
  ];
  return (
    <>
      <div>
        <Button component={Link} to={`${channel.path}/new`}>
          {t("list.write")}
        </Button>
      </div>
      <Pages query={announcements}>
        {(rows) => (
          <DataTable
            caption={t("list.caption")}
            columns={columns}
            rows={rows}
            rowKey={(a) => a.id ?? ""}
            empty={t("list.empty")}
          />
        )}
      </Pages>
    </>
  );
}
