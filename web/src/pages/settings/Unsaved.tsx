import { Text } from "@mantine/core";
import { useCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Values } from "../../parts/formValues";
import { Leaving } from "../../parts/Leaving";
import { useTyped } from "../../parts/useTyped";
import type { Policy } from "./description";
import { changed } from "./values";

/** Unsaved says how much of its form differs from what is saved, and asks before that is lost. */
export function Unsaved({ policy }: { policy: Policy }) {
  const { t } = useTranslation("settings");
  const place = useRef<HTMLParagraphElement>(null);
  const [count, setCount] = useState(0);
  const look = useCallback(
    (values: Values) => {
      setCount(changed(policy, values).length);
    },
    [policy],
  );
  useTyped(place, look);
  return (
    <>
      <Text ref={place} role="status" fw={count > 0 ? 600 : 400}>
        {count > 0 ? t("rules.dirty", { count }) : t("rules.clean")}
      </Text>
      {count > 0 && <Leaving text={t("rules.leaving", { count })} />}
    </>
  );
}
