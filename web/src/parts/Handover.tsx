import { Alert, Button, Code, Group, Stack, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import classes from "./Handover.module.css";

/** Handed is a first or temporary password of somebody, to be handed over in person. */
export interface Handed {
  /** said tells in words what was done, such as who was added. */
  said: string;
  name: string;
  username: string;
  password: string;
}

interface HandoverProps {
  handed: readonly Handed[];
  /** place is where they sign in. */
  place: { name: string; slug: string };
  onClose: () => void;
}

/** Handover shows passwords that nobody can be shown again, with slips to print. They are kept in the page's state alone. */
export function Handover({ handed, place, onClose }: HandoverProps) {
  const { t } = useTranslation("parts");
  const shown = useRef<HTMLDivElement>(null);
  const last = handed.at(-1);
  useEffect(() => {
    if (last === undefined) return undefined;
    const element = shown.current;
    const arrive = () => {
      element?.scrollIntoView({ block: "nearest" }); // whoever pressed a button may be far below
      if (document.activeElement?.closest("form") == null) element?.focus({ preventScroll: true }); // else the next one is typed
    };
    const asking = document.querySelector("dialog[open]");
    if (asking === null) arrive();
    asking?.addEventListener("close", arrive, { once: true });
    return () => asking?.removeEventListener("close", arrive);
  }, [last]);
  return (
    <div role="status" ref={shown} tabIndex={-1}>
      {handed.length > 0 && (
        <Alert color="green" title={t("handover.title", { count: handed.length })}>
          <Stack gap="sm">
            <ul className={classes.list}>
              {handed.map((h, i) => (
                <li key={i} className={classes.item}>
                  <Text inherit>{h.said}</Text>
                  <Code fz="md">{h.password}</Code>
                  <Copy about={h.name} text={h.password} />
                </li>
              ))}
            </ul>
            <Text inherit>{t("handover.hint")}</Text>
            <Group>
              <Button variant="default" onClick={printSlips}>
                {t("handover.print", { count: handed.length })}
              </Button>
              <Button variant="default" onClick={onClose}>
                {t("handover.done")}
              </Button>
            </Group>
          </Stack>
          {createPortal(<Sheet handed={handed} place={place} />, document.body)}
        </Alert>
      )}
    </div>
  );
}

function Copy({ about, text }: { about: string; text: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <>
      <Button
        size="compact-md"
        variant="default"
        aria-label={`${t("once.copy")}: ${about}`}
        onClick={() => void copy()}
      >
        {t("once.copy")}
      </Button>
      {copied && <span>{t("once.copied")}</span>}
    </>
  );
}

/** Sheet are the slips as they are printed, one for each person; the screen does not show it. */
function Sheet({ handed, place }: Pick<HandoverProps, "handed" | "place">) {
  const { t } = useTranslation("parts");
  return (
    <div className={classes.sheet} data-sheet>
      {handed.map((h, i) => (
        <section key={i} className={classes.slip}>
          <h2>{h.name}</h2>
          <p>{place.name}</p>
          <dl>
            <dt>{t("handover.username")}</dt>
            <dd>
              <code>{h.username}</code>
            </dd>
            <dt>{t("handover.password")}</dt>
            <dd>
              <code>{h.password}</code>
            </dd>
            <dt>{t("handover.address")}</dt>
            <dd>{`${location.origin}/o/${place.slug}`}</dd>
          </dl>
          <p>{t("handover.slipHint")}</p>
        </section>
      ))}
    </div>
  );
}

/** printSlips prints the slips instead of the page. */
function printSlips(): void {
  const { dataset } = document.documentElement;
  dataset["slips"] = "";
  addEventListener(
    "afterprint",
    () => {
      delete dataset["slips"];
    },
    { once: true },
  );
  print();
}
