import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import type { Listed } from "../../parts/pages";

export type Announcement = Schemas["AnnouncementBody"];
export type Category = Announcement["category"];

export interface NewAnnouncement {
  category: Category;
  subject: string;
  body: string;
}

/** Channel is who can be written to from a page: the organisation's own users, or those of all organisations. */
export interface Channel {
  /** key begins the keys of its queries. */
  key: readonly string[];
  /** path is where its pages are. */
  path: string;
  /** from is who readers are told that it comes from, and organisation whose account they have. */
  from: string;
  organisation?: string | undefined;
  categories: readonly Category[];
  list: (cursor: { cursor?: string }) => Promise<Listed<Announcement>>;
  read: (id: string) => Promise<Announcement>;
  /** count says how many it would reach, and sends nothing. */
  count: (written: NewAnnouncement) => Promise<Announcement>;
  /** send takes a key, so that a second try does not send it twice. */
  send: (written: NewAnnouncement, key: string) => Promise<Announcement>;
}

/** ownChannel writes to the users of the organisation one is in. */
export function ownChannel(slug: string, organisation: string, from: string): Channel {
  return {
    key: ["own", "announcements"],
    path: `/o/${slug}/announcements`,
    from,
    organisation,
    categories: ["service", "news"],
    list: (cursor) => answer(api.GET("/api/v1/announcements", { params: { query: { limit: 25, ...cursor } } })),
    read: (id) => answer(api.GET("/api/v1/announcements/{id}", { params: { path: { id } } })),
    count: (body) => answer(api.POST("/api/v1/announcements", { params: { query: { dryRun: true } }, body })),
    send: (body, key) =>
      answer(api.POST("/api/v1/announcements", { params: { header: { "Idempotency-Key": key } }, body })),
  };
}

/** So often a page asks by itself how far the mails are, every two seconds; who wants to know more loads it again. */
const looks = 60;

export function announcementQuery(channel: Channel, id: string) {
  return queryOptions({
    queryKey: [...channel.key, "one", id],
    queryFn: () => channel.read(id),
    refetchInterval: ({ state }) => (state.data?.status === "writing" && state.dataUpdateCount < looks ? 2_000 : false),
  });
}
