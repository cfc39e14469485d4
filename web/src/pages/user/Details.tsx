import { Stack, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useSession } from "../../api/session";
import { Handover, type Handed } from "../../parts/Handover";
import { Page } from "../../parts/Page";
import shell from "../../shell/Shell.module.css";
import { ActionButtons } from "../users/actions";
import { Access } from "./Access";
import { Arrives, Undeliverable } from "./Undeliverable";
import { Change, Kept } from "./Change";
import { Facts } from "./Facts";
import { nameOf, useMay, useUser } from "./user";

/** Details are what is known of the user, and what can be done with the account. */
export function Details() {
  const { t } = useTranslation("user");
  const session = useSession();
  const user = useUser();
  const may = useMay("users.manage");
  const navigate = useNavigate();
  const [handed, setHanded] = useState<Handed>();
  const { slug = "", name = "" } = session.organisation ?? {};
  return (
    <Page title={nameOf(user)} place={session.organisation?.name}>
      <Handover
        handed={handed ? [handed] : []}
        place={{ name, slug }}
        onClose={() => {
          setHanded(undefined);
        }}
      />
      <Undeliverable user={user}>{may && <Arrives user={user} />}</Undeliverable>
      <Facts user={user} />
      <Stack gap="xl">
        {may && (
          <section aria-labelledby="access">
            <Title order={2} id="access" mb="sm">
              {t("access.heading")}
            </Title>
            <Stack gap="md">
              <ActionButtons
                user={user}
                onHandOver={setHanded}
                onDone={(action) => {
                  if (action === "delete") void navigate(`/o/${slug}/users`);
                }}
              />
              <Access user={user} />
            </Stack>
          </section>
        )}
        <section aria-labelledby="details" className={shell.narrow}>
          <Title order={2} id="details" mb="sm">
            {t("details.heading")}
          </Title>
          {may ? <Change key={user.id} user={user} /> : <Kept user={user} />}
        </section>
      </Stack>
    </Page>
  );
}
