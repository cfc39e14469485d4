import { Paper } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Suspense, useEffect } from "react";
import { Outlet, useParams } from "react-router";
import { suggestLanguage } from "../../i18n";
import { Waiting } from "../../parts/Later";
import { Footer } from "../../shell/Footer";
import { SkipLink } from "../../shell/SkipLink";
import classes from "../../shell/Shell.module.css";
import { wear } from "../../theme/look";
import { entranceQuery } from "./entrance";

/** Entrance is around the pages before one is in, in the organisation's look. */
export function Entrance() {
  const { slug = "" } = useParams();
  const { data } = useQuery({ ...entranceQuery(slug), enabled: slug !== "" });
  useEffect(() => {
    wear(data?.look);
    suggestLanguage(data?.language);
  }, [data]);
  return (
    <div className={classes.outside}>
      <SkipLink />
      {data && (
        <header className={classes.header}>
          <div className={classes.bar}>
            <p className={classes.organisation}>{data.name}</p>
            {data.look.logo && (
              <img src={data.look.logo} alt="" className={classes.logo} referrerPolicy="no-referrer" />
            )}
          </div>
        </header>
      )}
      <main id="main" tabIndex={-1} className={classes.entrance}>
        <Paper withBorder p="lg" radius="md">
          <Suspense fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        </Paper>
      </main>
      <Footer />
    </div>
  );
}
