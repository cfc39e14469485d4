import { Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { ProblemError } from "../../api/problem";
import { useSession } from "../../api/session";
import { Form } from "../../parts/Form";
import type { Values } from "../../parts/formValues";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { tell } from "../../parts/tell";
import { rolesQuery } from "../users/users";
import { concernsAnybody } from "./comparing";
import { groups, type Policy, type SettingName } from "./description";
import { Effects } from "./Effects";
import { Group } from "./Group";
import { settingsQuery } from "./queries";
import classes from "./Rules.module.css";
import { Unsaved } from "./Unsaved";
import { atFields, changed, policyOf, valuesOf } from "./values";

type Answer = Schemas["SettingsAnswerBody"];

/** Rules is the whole policy of an organisation. */
export function Rules() {
  const { t } = useTranslation("settings");
  const session = useSession();
  const settings = useQuery(settingsQuery);
  const seesRoles = session.rights.includes("users.view");
  const roles = useQuery({ ...rolesQuery, enabled: seesRoles });
  const names = new Map(roles.data?.items.map((r) => [r.id, r.name]));
  return (
    <Page title={t("rules.title")} place={session.organisation?.name}>
      <Text className={classes.intro}>{t("rules.intro")}</Text>
      <nav aria-label={t("rules.jump")}>
        <ul className={classes.jump}>
          {groups.map((g) => (
            <li key={g}>
              <a href={`#${g}`}>{t(`group.${g}.title`)}</a>
            </li>
          ))}
        </ul>
      </nav>
      <Later query={settings}>
        {(found) => (!seesRoles || !roles.isPending ? <RulesForm found={found} roles={names} /> : null)}
      </Later>
    </Page>
  );
}

/** Asked is a change whose effects somebody is looking at. */
interface Asked {
  effects: Schemas["EffectsBody"];
  names: SettingName[];
  decide: (save: boolean) => void;
}

function RulesForm({ found, roles }: { found: Answer; roles: ReadonlyMap<string, string> }) {
  const { t } = useTranslation("settings");
  const client = useQueryClient();
  const [asked, setAsked] = useState<Asked>();
  const put = (policy: Policy, dryRun: boolean) =>
    answer(
      api.PUT("/api/v1/settings", {
        params: {
          query: { dryRun },
          header: { "If-Match": `"${(client.getQueryData(settingsQuery.queryKey) ?? found).version}"` },
        },
        body: { policy },
      }),
    );
  const save = async (values: Values) => {
    const before = (client.getQueryData(settingsQuery.queryKey) ?? found).policy;
    const names = changed(before, values);
    if (names.length === 0) {
      tell(t("rules.nothing"));
      return;
    }
    const policy = policyOf(before, values);
    const { effects } = await put(policy, true);
    if (
      effects &&
      concernsAnybody(effects) &&
      !(await new Promise<boolean>((decide) => {
        setAsked({ effects, names, decide });
      }))
    ) {
      throw new ProblemError({ code: "interrupted" });
    }
    client.setQueryData(settingsQuery.queryKey, await put(policy, false));
    await client.invalidateQueries({
      predicate: ({ queryKey }) => queryKey[1] === "overview" || queryKey[1] === "forecast",
    });
    tell(t("rules.saved"));
  };
  return (
    <>
      <Form
        submit={t("rules.save")}
        sticky
        beside={<Unsaved policy={found.policy} />}
        current={async () => valuesOf((await client.query({ ...settingsQuery, staleTime: 0 })).policy)}
        onSubmit={async (values) => {
          try {
            await save(values);
          } catch (error) {
            throw atFields(error);
          }
        }}
      >
        {groups.map((g) => (
          <Group key={g} group={g} values={valuesOf(found.policy)} roles={roles} />
        ))}
      </Form>
      {asked && (
        <Effects
          effects={asked.effects}
          names={asked.names}
          onDecide={(go) => {
            setAsked(undefined);
            asked.decide(go);
          }}
        />
      )}
    </>
  );
}
