import { Button, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { answer, api } from "../../api/client";
import { ProblemError } from "../../api/problem";
import { useSession } from "../../api/session";
import { LongTextField } from "../../parts/moreFields";
import { Form } from "../../parts/Form";
import { KeepTyped } from "../../parts/KeepTyped";
import { Withheld } from "../../parts/formValues";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { tell } from "../../parts/tell";
import { agreementKey, conditionsQuery, type Conditions } from "./agreement";
import classes from "./agreement.module.css";
import { Publishing, type Draft } from "./Publishing";

/** WriteConditions is where a new version of the conditions of use is made from the one in force. */
export function WriteConditions() {
  const { t } = useTranslation("agreement");
  const session = useSession();
  const inForce = useQuery(conditionsQuery(0));
  return (
    <Page title={t("write.title")} place={session.organisation?.name}>
      <Text>{t("write.text")}</Text>
      <Later query={inForce}>{(found) => <Editor inForce={found} />}</Later>
    </Page>
  );
}

/** Asked is a draft that is shown before it is published, and what its form is told in the end. */
interface Asked {
  draft: Draft;
  key: string;
  done: () => void;
  failed: (error: unknown) => void;
}

function Editor({ inForce }: { inForce: Conditions | null }) {
  const { t } = useTranslation("agreement");
  const { slug = "" } = useParams();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Asked>();
  const replaces = inForce?.version ?? 0;
  const close = (tellForm: () => void) => {
    setAsked(undefined);
    tellForm();
  };

  const publish = async ({ draft, key, done, failed }: Asked) => {
    try {
      const params = { header: { "Idempotency-Key": key } };
      const published = await answer(api.POST("/api/v1/agreement", { params, body: { ...draft, replaces } }));
      await client.invalidateQueries({ queryKey: agreementKey });
      close(done);
      await navigate(`/o/${slug}/agreement`);
      tell(t("write.done", { version: published.version }));
    } catch (error) {
      if (!belongsToForm(error)) throw error;
      close(() => {
        failed(error);
      });
    }
  };

  return (
    <div className={classes.editor}>
      <Form
        submit={t("write.preview")}
        beside={
          <Button component={Link} to={`/o/${slug}/agreement`} variant="default">
            {t("write.back")}
          </Button>
        }
        current={async () => {
          const now = await client.query({ ...conditionsQuery(0), staleTime: 0 });
          return { short: now?.short ?? "", long: now?.long ?? "" };
        }}
        onSubmit={({ short = "", long = "" }) =>
          new Promise<void>((done, failed) => {
            setAsked({ draft: { short, long }, key: crypto.randomUUID(), done, failed });
          })
        }
      >
        <LongTextField
          name="short"
          label={t("short")}
          description={t("write.shortHint")}
          defaultValue={inForce?.short}
          required
        />
        <LongTextField
          name="long"
          label={t("long")}
          description={t("write.longHint")}
          defaultValue={inForce?.long}
          required
        />
        <KeepTyped />
      </Form>
      {asked && (
        <Publishing
          draft={asked.draft}
          before={inForce}
          onPublish={() => publish(asked)}
          onClose={() => {
            close(() => {
              asked.failed(new Withheld());
            });
          }}
        />
      )}
    </div>
  );
}

/** belongsToForm: what is wrong with the text, or another's version, is for the form to say. */
const belongsToForm = (error: unknown): boolean =>
  error instanceof ProblemError && (error.problem.code === "invalid" || error.problem.code === "stale_version");
