import { Anchor, List, Text } from "@mantine/core";
import { createContext } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";

/** WhomToAskBelow is true where the page says whom to ask by itself, so that no message need say it a second time. */
export const WhomToAskBelow = createContext(false);

/** Helpers are the people to ask, each with a way to reach them. */
export function Helpers({
  contacts,
  customerService,
}: {
  contacts: Schemas["ContactBody"][];
  customerService?: string | undefined;
}) {
  const { t } = useTranslation();
  if (contacts.length === 0 && !customerService) return null;
  return (
    <>
      <Text mt="sm">{t("helpers.ask")}</Text>
      <List>
        {contacts.map((c) => (
          <List.Item key={`${c.name} ${c.email ?? ""}`}>
            <Helper contact={c} />
          </List.Item>
        ))}
        {customerService && (
          <List.Item>
            {t("helpers.service")}: <Reach at={customerService} />
          </List.Item>
        )}
      </List>
    </>
  );
}

function Helper({ contact }: { contact: Schemas["ContactBody"] }) {
  return (
    <>
      <bdi>{contact.name}</bdi>
      {contact.email && (
        <>
          {", "}
          <Reach at={contact.email} />
        </>
      )}
      {contact.telephone && (
        <>
          {", "}
          <Anchor href={`tel:${contact.telephone.replace(/\s/g, "")}`} underline="always">
            {contact.telephone}
          </Anchor>
        </>
      )}
    </>
  );
}

function Reach({ at }: { at: string }) {
  if (!at.includes("@")) return <bdi>{at}</bdi>;
  return (
    <Anchor href={`mailto:${at}`} underline="always">
      {at}
    </Anchor>
  );
}
