import { Alert, Button, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../parts/Dialog";
import { Form } from "../../parts/Form";
import { Later } from "../../parts/Later";
import { AgreementText } from "../entrance/AgreementText";
import { effectQuery, type Conditions } from "./agreement";
import classes from "./agreement.module.css";
import { Differences } from "./Differences";

export interface Draft {
  short: string;
  long: string;
}

interface PublishingProps {
  draft: Draft;
  before: Conditions | null;
  onPublish: () => Promise<void>;
  onClose: () => void;
}

/** Publishing shows a draft as people will see it, and asks, saying what publishing does. */
export function Publishing({ draft, before, onPublish, onClose }: PublishingProps) {
  const { t } = useTranslation("agreement");
  const effect = useQuery({ ...effectQuery, staleTime: 0 });
  return (
    <Dialog title={t("publish.title")} onClose={onClose}>
      <Form
        submit={t("publish.submit")}
        onSubmit={onPublish}
        beside={
          <Button variant="default" onClick={onClose} data-autofocus>
            {t("publish.back")}
          </Button>
        }
      >
        <Later query={effect}>
          {({ when, accounts }) => <Alert color="yellow">{t(`effect.${when}`, { count: accounts })}</Alert>}
        </Later>
        <Title order={3}>{t("publish.seen")}</Title>
        <div className={classes.text}>
          <AgreementText short={draft.short} long={draft.long} />
        </div>
        {before && (
          <details>
            <summary>{t("differences.title", { version: before.version })}</summary>
            <Differences before={before} after={draft} />
          </details>
        )}
      </Form>
    </Dialog>
  );
}
