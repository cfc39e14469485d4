import { Suspense } from "react";
import { Outlet, Route, Routes, useLocation } from "react-router";
import { Entrance } from "./pages/entrance/Entrance";
import { SignIn } from "./pages/entrance/SignIn";
import { Waiting } from "./parts/Later";
import { page } from "./parts/page";
import { Broken } from "./shell/Broken";
import { Connection } from "./shell/Connection";

const WhichOrganisation = page("WhichOrganisation", () => import("./pages/entrance/WhichOrganisation"));
const Forgotten = page("Forgotten", () => import("./pages/entrance/Forgotten"));
const ByLink = page("ByLink", () => import("./pages/entrance/ByLink"));
const Inside = page("Inside", () => import("./inside"));
const NoSuchPage = page("NoSuchPage", () => import("./pages/NoSuchPage"));

/**
 * Console is every page there is. The sign-in page is the first that most see, so it comes with the console itself; those behind
 * it, and their addresses, come when somebody is in.
 */
export function Console() {
  return (
    <Routes>
      <Route element={<Root />}>
        <Route element={<Entrance />}>
          <Route path="/" element={<WhichOrganisation />} />
          <Route path="/o/:slug" element={<SignIn />} />
          <Route path="/o/:slug/forgotten" element={<Forgotten />} />
          <Route path="/o/:slug/new-password" element={<ByLink />} />
        </Route>
        <Route path="/o/:slug/*" element={<Inside />} />
        <Route path="*" element={<NoSuchPage />} />
      </Route>
    </Routes>
  );
}

/** Root holds what is the same whatever page is open. */
function Root() {
  const { key } = useLocation();
  return (
    <>
      <Connection />
      <Broken at={key}>
        <Suspense fallback={<Waiting />}>
          <Outlet />
        </Suspense>
      </Broken>
    </>
  );
}
