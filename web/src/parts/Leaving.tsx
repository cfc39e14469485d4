import { Button, Group, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { Dialog } from "./Dialog";

/**
 * Leaving asks before one follows a link away from what is not saved, and has the browser ask where the whole console would go.
 * Links are caught before the router has them, which has nothing for this without its data routers. The button "back" is not
 * caught: the browser has gone by the time it tells.
 */
export function Leaving({ text }: { text: string }) {
  const { t } = useTranslation("parts");
  const navigate = useNavigate();
  const [to, setTo] = useState<string>();
  useEffect(() => {
    const caught = (event: MouseEvent) => {
      const address = elsewhere(event);
      if (address === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      setTo(address);
    };
    const ask = (event: BeforeUnloadEvent) => {
      event.preventDefault();
    };
    document.addEventListener("click", caught, { capture: true });
    window.addEventListener("beforeunload", ask);
    return () => {
      document.removeEventListener("click", caught, { capture: true });
      window.removeEventListener("beforeunload", ask);
    };
  }, []);
  if (to === undefined) return null;
  const stay = () => {
    setTo(undefined);
  };
  return (
    <Dialog title={t("leaving.title")} onClose={stay}>
      <Text mb="md">{text}</Text>
      <Group gap="md">
        <Button onClick={stay} data-autofocus>
          {t("leaving.stay")}
        </Button>
        <Button variant="default" onClick={() => void navigate(to)}>
          {t("leaving.leave")}
        </Button>
      </Group>
    </Dialog>
  );
}

/** elsewhere is the other page of the console that a click leads to in this tab, if it does. */
function elsewhere(event: MouseEvent): string | undefined {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return undefined;
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
  if (!link || link.target === "_blank" || link.hasAttribute("download") || link.origin !== location.origin)
    return undefined;
  return link.pathname === location.pathname ? undefined : link.pathname + link.search + link.hash;
}
