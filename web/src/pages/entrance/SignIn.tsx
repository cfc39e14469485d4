import { Alert, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useLocation, useParams, useSearchParams } from "react-router";
import type { Problem } from "../../api/problem";
import { keepSession, sessionQuery, type Session } from "../../api/session";
import { Helpers, WhomToAskBelow } from "../../parts/Helpers";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { ProblemAlert } from "../../parts/ProblemAlert";
import { entranceQuery, type EntranceBody } from "./entrance";
import { remember } from "./visited";
import { WayIn, titleOf } from "./WayIn";

/** SignIn is the page of an organisation that mails and bookmarks lead to, until one is in. */
export function SignIn() {
  const { slug = "" } = useParams();
  const entrance = useQuery(entranceQuery(slug));
  const session = useQuery(sessionQuery);
  return (
    <Later query={entrance}>
      {(e) => (
        <Later query={session}>
          {(s) => <Inside entrance={e} session={s?.organisation?.slug === e.slug ? s : null} />}
        </Later>
      )}
    </Later>
  );
}

interface InsideProps {
  entrance: EntranceBody;
  session: Session | null;
}

function Inside({ entrance, session }: InsideProps) {
  const { t } = useTranslation("entrance");
  const { state } = useLocation() as { state: { from?: string; note?: "signedOut" | "chosen" } | null };
  const client = useQueryClient();
  const [now, setNow] = useState(session);
  const [tried, setTried] = useState(false);
  const active = session?.status === "active";
  if (active) return <Navigate to={state?.from ?? `/o/${entrance.slug}/home`} replace />;
  return (
    <Page title={t(titleOf(now))} place={entrance.name}>
      {!now && entrance.look.text && <Text>{entrance.look.text}</Text>}
      {!now && !tried && <Notes note={state?.note} />}
      <WhomToAskBelow value={!now}>
        <WayIn
          slug={entrance.slug}
          entrance={entrance}
          session={session}
          onTry={() => {
            setTried(true);
          }}
          onStep={setNow}
          onIn={(s) => {
            remember(entrance);
            keepSession(client, s);
          }}
        />
      </WhomToAskBelow>
      {!now && <Helpers contacts={entrance.contacts} customerService={entrance.customerService} />}
    </Page>
  );
}

/** Notes say what came before: where one comes back from, or what the identity provider was asked in vain for. */
function Notes({ note }: { note: "signedOut" | "chosen" | undefined }) {
  const { t } = useTranslation("entrance");
  const [search] = useSearchParams();
  const problem = search.get("problem");
  return (
    <>
      {note && <Alert color="green">{t(`note.${note}`)}</Alert>}
      {problem !== null && <ProblemAlert problem={{ code: problem as Problem["code"] }} />}
    </>
  );
}
