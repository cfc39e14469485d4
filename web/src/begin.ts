import { client } from "./api/queries";
import { connected } from "./api/reach";
import { sessionQuery } from "./api/session";
import { entranceQuery } from "./pages/entrance/entrance";
import { takeEarly } from "./pages/entrance/early";

// Runs before anything is shown, so that what nearly every page begins with is asked for at once and together.

const slug = /^\/o\/([^/]+)/.exec(location.pathname)?.[1];
const asked: Promise<unknown>[] = [client.query(sessionQuery)];
if (slug !== undefined) asked.push(client.query(entranceQuery(slug)));

/** The early form goes when the door is there, which takes it over; and when there will be no door. */
void Promise.allSettled(asked).then(() => {
  setTimeout(takeEarly, 1000);
});
connected.subscribe(takeEarly);
