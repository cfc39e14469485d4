import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { Attention } from "./Attention";
import { Forecast } from "./Forecast";
import { LastSignIns } from "./LastSignIns";
import { overviewQuery } from "./queries";
import { SignIns } from "./SignIns";

/** Overview is how the organisation stands: first what somebody should do something about, then the figures. */
export function Overview() {
  const { t } = useTranslation("overview");
  const { organisation } = useSession();
  const overview = useQuery({ ...overviewQuery, refetchOnMount: "always" });
  const users = `/o/${organisation?.slug ?? ""}/users`;
  return (
    <Page title={t("title")} place={organisation?.name}>
      <Later query={overview}>
        {(found) => (
          <>
            {found.partial && <Text>{t("partial")}</Text>}
            <Attention found={found} users={users} />
            <LastSignIns found={found} users={users} />
            <Forecast timeZone={found.timeZone} users={users} />
            <SignIns days={found.days} />
          </>
        )}
      </Later>
    </Page>
  );
}
