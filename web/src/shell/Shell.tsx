import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { Navigate, Outlet, useLocation, useParams } from "react-router";
import { interruption } from "../api/interruption";
import { left, sessionQuery, type Session } from "../api/session";
import { useStore } from "../api/store";
import { entranceQuery } from "../pages/entrance/entrance";
import { suggestLanguage } from "../i18n";
import { lazily } from "../parts/lazily";
import { Later, Waiting } from "../parts/Later";
import { wear } from "../theme/look";
import { placesOf } from "./places";
import { Footer } from "./Footer";
import { IdleGuard } from "./IdleGuard";
import { Menu } from "./Menu";
import { SignOut } from "./SignOut";
import { SkipLink } from "./SkipLink";
import { SupportBanner } from "./SupportBanner";
import { Told } from "./Told";
import { useFocusKept } from "./useFocusKept";
import "../theme/inside.css";
import classes from "./Shell.module.css";

const Interruptions = lazy(async () => ({ default: (await lazily(() => import("./Interruptions"))).Interruptions }));

/** Shell is around every page of who is signed in. Who is not is led to the entrance, and back afterwards. */
export function Shell() {
  const session = useQuery(sessionQuery);
  const { slug } = useParams();
  const { pathname } = useLocation();
  if (session.data === undefined) return <Later query={session}>{() => null}</Later>;
  if (session.data?.status !== "active" || session.data.organisation?.slug !== slug) {
    return <Navigate to={`/o/${slug ?? ""}`} replace state={left.get() ? { note: "signedOut" } : { from: pathname }} />;
  }
  return <Frame session={session.data} />;
}

function Frame({ session }: { session: Session }) {
  const asked = useStore(interruption);
  useLook(session.organisation?.slug ?? "");
  useFocusKept();
  return (
    <>
      <SkipLink />
      <header className={classes.header}>
        <div className={classes.bar}>
          <p className={classes.organisation}>{session.organisation?.name}</p>
          <div className={classes.who}>
            <span>
              {session.user?.givenName} {session.user?.familyName}
            </span>
            <SignOut />
          </div>
        </div>
      </header>
      {session.support && <SupportBanner support={session.support} />}
      <div className={classes.body}>
        <Menu places={placesOf(session)} />
        <main id="main" tabIndex={-1} className={classes.main}>
          <Suspense fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <Told />
      <Footer />
      <IdleGuard session={session} />
      {asked && (
        <Suspense>
          <Interruptions asked={asked} session={session} />
        </Suspense>
      )}
    </>
  );
}

function useLook(slug: string): void {
  const { data } = useQuery(entranceQuery(slug));
  useEffect(() => {
    wear(data?.look);
    suggestLanguage(data?.language);
  }, [data]);
}
