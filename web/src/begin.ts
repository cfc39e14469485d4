import i18next from "i18next";
import { client } from "./api/queries";
import { connected } from "./api/reach";
import { sessionQuery } from "./api/session";
import { entranceQuery } from "./pages/entrance/entrance";
import { takeEarly } from "./pages/entrance/early";

// Runs before anything is shown, so that what nearly every page begins with is asked for at once and together.

// Without its cookie there is no session (internal/console says so), and no need to ask.
if (document.querySelector("meta[name=session][content=none]")) client.setQueryData(sessionQuery.queryKey, null);

const slug = /^\/o\/([^/]+)/.exec(location.pathname)?.[1];
const asked: Promise<unknown>[] = [client.query(sessionQuery)];
if (slug !== undefined) asked.push(client.query(entranceQuery(slug)));

/** The early form goes when the door is there, which takes it over; and when there will be no door. */
void Promise.allSettled(asked).then(() => {
  setTimeout(() => {
    takeEarly();
    fetchWhatIsBehind();
  }, 1000);
});

/** While somebody types, what is behind the door can come already. Who goes there asks for it again, so that it may fail here. */
function fetchWhatIsBehind(): void {
  void Promise.allSettled([import("./inside"), import("./pages/Home"), i18next.loadNamespaces(["shell", "parts"])]);
}
connected.subscribe(takeEarly);
