import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ReactNode } from "react";
import { day, moment } from "../../parts/time";
import shell from "../../shell/Shell.module.css";
import type { User } from "./user";

/** Facts are what is known of the account that nobody types: they come about by what happens to it. */
export function Facts({ user }: { user: User }) {
  const { t } = useTranslation("user");
  const next = useNext(user);
  return (
    <dl className={shell.facts}>
      <Fact label={t("fact.status")}>
        <b>{t(`status.${user.status}`)}</b>
        {". "}
        <Status user={user} />
      </Fact>
      <Fact label={t("fact.next")}>{next}</Fact>
      <Fact label={t("fact.username")}>{user.username}</Fact>
      <Fact label={t("fact.lastSignIn")}>{user.lastSignInAt ? moment(user.lastSignInAt) : t("fact.never")}</Fact>
      <Fact label={t("fact.created")}>{day(user.createdAt)}</Fact>
      {user.mustChangePassword && <Fact label={t("fact.password")}>{t("fact.mustChange")}</Fact>}
      <Fact label={t("fact.secondStep")}>
        <SecondStep user={user} />
      </Fact>
      {user.identityLinked && <Fact label={t("fact.identity")}>{t("fact.linked")}</Fact>}
    </dl>
  );
}

/** Fact is one of them. */
export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Status says what the status means, and since when and why it is so. */
function Status({ user }: { user: User }) {
  const { t } = useTranslation("user");
  const said = [t(`means.${user.locked && user.status === "active" ? "locked" : user.status}`)];
  if (user.statusSince) said.push(t("since", { day: day(user.statusSince) }));
  if (user.status === "archived" && user.archiveCause) said.push(t(`cause.${user.archiveCause}`));
  return <>{said.join(" ")}</>;
}

/** useNext says what will happen to the account by itself, and when. */
function useNext(user: User): string {
  const { t } = useTranslation("user");
  if (user.dueAt === undefined || user.dueStep === undefined) return t("next.nothing");
  return t(`next.${user.dueStep}`, { day: day(user.dueAt) });
}

function SecondStep({ user }: { user: User }) {
  const { t } = useTranslation("user");
  const said = [
    user.totp && t("factor.app"),
    user.passkeys > 0 && t("factor.passkeys", { count: user.passkeys }),
    user.recoveryCodes > 0 && t("factor.codes", { count: user.recoveryCodes }),
  ].filter((text) => typeof text === "string");
  return (
    <>
      {said.length > 0 ? said.join(", ") : t("factor.none")}
      {user.totpExemption && (
        <Text size="sm">
          {t("factor.exempt", { day: day(user.totpExemption.until), reason: user.totpExemption.reason })}
        </Text>
      )}
    </>
  );
}
