import { Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { valuesOf as held } from "../../parts/formValues";
import { Leaving } from "../../parts/Leaving";
import type { Policy } from "./description";
import { changed } from "./values";

/** Unsaved says how much of its form differs from what is saved, and asks before that is lost. */
export function Unsaved({ policy }: { policy: Policy }) {
  const { t } = useTranslation("settings");
  const place = useRef<HTMLParagraphElement>(null);
  const [count, setCount] = useState(0);
  useEffect(() => {
    const form = place.current?.closest("form");
    if (!form) return;
    let later = 0;
    const look = () => {
      cancelAnimationFrame(later);
      later = requestAnimationFrame(() => {
        setCount(changed(policy, held(form)).length);
      });
    };
    look();
    const events = ["input", "change", "click", "reset"] as const; // a list of ticks says nothing of itself
    events.forEach((e) => {
      form.addEventListener(e, look);
    });
    return () => {
      cancelAnimationFrame(later);
      events.forEach((e) => {
        form.removeEventListener(e, look);
      });
    };
  }, [policy]);
  return (
    <>
      <Text ref={place} role="status" fw={count > 0 ? 600 : 400}>
        {count > 0 ? t("rules.dirty", { count }) : t("rules.clean")}
      </Text>
      {count > 0 && <Leaving text={t("rules.leaving", { count })} />}
    </>
  );
}
