import { Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { answer, api, type Schemas } from "../../api/client";
import { sessionQuery, useSession } from "../../api/session";
import { named } from "../../i18n/named";
import { Form } from "../../parts/Form";
import { Withheld, type Values } from "../../parts/formValues";
import { Later, Waiting } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { tell } from "../../parts/tell";
import { forecastQuery, overviewQuery } from "../overview/queries";
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

/** What settings decide: the session says which details of users there are, and which one may change oneself. */
const dependent = [sessionQuery.queryKey, overviewQuery.queryKey, forecastQuery.queryKey];

/** Rules is the whole policy of an organisation. */
export function Rules() {
  const { t } = useTranslation("settings");
  const session = useSession();
  const settings = useQuery(settingsQuery);
  const seesRoles = session.rights.includes("users.view");
  const roles = useQuery({ ...rolesQuery, enabled: seesRoles });
  // fields begin with what they are shown first, which is not to be what somebody has changed since
  const ready = settings.isFetchedAfterMount && (!seesRoles || !roles.isPending);
  const names = new Map(roles.data?.items.map((r) => [r.id, named(r)]));
  return (
    <Page title={t("rules.title")} place={session.organisation?.name}>
      <Text className={classes.intro}>{t("rules.intro")}</Text>
      <nav aria-label={t("rules.jump")}>
        <ul className={classes.jump}>
          {groups.map((g) => (
            <li key={g}>
              <Link
                to={`#${g}`}
                onClick={() => {
                  document.getElementById(g)?.focus(); // the address is the router's, which only counts the step
                }}
              >
                {t(`group.${g}.title`)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Later query={settings}>{(found) => (ready ? <RulesForm found={found} roles={names} /> : <Waiting />)}</Later>
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
  const [base, setBase] = useState(found); // what the fields are a change of, whatever is read meanwhile
  const [asked, setAsked] = useState<Asked>();
  const put = (policy: Policy, dryRun: boolean) =>
    answer(
      api.PUT("/api/v1/settings", {
        params: { query: { dryRun }, header: { "If-Match": `"${base.version}"` } },
        body: { policy },
      }),
    );
  const save = async (values: Values) => {
    const names = changed(base.policy, values);
    if (names.length === 0) {
      tell(t("rules.nothing"));
      return;
    }
    const policy = policyOf(base.policy, values);
    const { effects } = await put(policy, true);
    if (
      effects &&
      concernsAnybody(effects) &&
      !(await new Promise<boolean>((decide) => {
        setAsked({ effects, names, decide });
      }))
    ) {
      throw new Withheld();
    }
    const after = await put(policy, false);
    client.setQueryData(settingsQuery.queryKey, after);
    setBase(after);
    await Promise.all(dependent.map((queryKey) => client.invalidateQueries({ queryKey })));
    tell(t("rules.saved"));
  };
  return (
    <>
      <Form
        submit={t("rules.save")}
        sticky
        beside={<Unsaved policy={base.policy} />}
        current={async () => {
          const now = await client.query({ ...settingsQuery, staleTime: 0 });
          setBase(now);
          return valuesOf(now.policy);
        }}
        onSubmit={async (values) => {
          try {
            await save(values);
          } catch (error) {
            throw atFields(error);
          }
        }}
      >
        {groups.map((g) => (
          <Group key={g} group={g} values={valuesOf(base.policy)} roles={roles} />
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
