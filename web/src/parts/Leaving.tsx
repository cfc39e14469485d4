import { Button, Group, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { Dialog } from "./Dialog";
import { holdBack } from "./holdBack";

/**
 * Leaving asks before one follows a link, or the browser's "back", away from what is not saved, and has the browser ask where the
 * whole console would go. Both are caught before the router has them, which has nothing for this without its data routers.
 */
export function Leaving({ text }: { text: string }) {
  const { t } = useTranslation("parts");
  const navigate = useNavigate();
  const [go, setGo] = useState<() => void>();
  useEffect(() => {
    const ask = (leave: () => void) => {
      setGo(() => leave);
    };
    const caught = (event: MouseEvent) => {
      const address = elsewhere(event);
      if (address === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      ask(() => void navigate(address));
    };
    const unloading = (event: BeforeUnloadEvent) => {
      event.preventDefault();
    };
    const release = holdBack(ask);
    document.addEventListener("click", caught, { capture: true });
    window.addEventListener("beforeunload", unloading);
    return () => {
      release();
      document.removeEventListener("click", caught, { capture: true });
      window.removeEventListener("beforeunload", unloading);
    };
  }, [navigate]);
  if (go === undefined) return null;
  const stay = () => {
    setGo(undefined);
  };
  return (
    <Dialog title={t("leaving.title")} onClose={stay}>
      <Text mb="md">{text}</Text>
      <Group gap="md">
        <Button onClick={stay} data-autofocus>
          {t("leaving.stay")}
        </Button>
        <Button variant="default" onClick={go}>
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
