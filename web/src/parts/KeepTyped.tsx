import { useCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Values } from "./formValues";
import { Leaving } from "./Leaving";
import { useTyped } from "./useTyped";

/** KeepTyped, in a form that is long to fill in, asks before what was typed is left behind. */
export function KeepTyped() {
  const { t } = useTranslation("parts");
  const place = useRef<HTMLSpanElement>(null);
  const first = useRef<Values>(undefined);
  const [typed, setTyped] = useState(false);
  const look = useCallback((values: Values) => {
    first.current ??= values;
    const before = first.current;
    setTyped(Object.entries(values).some(([name, value]) => value !== (before[name] ?? "")));
  }, []);
  useTyped(place, look);
  return (
    <>
      <span ref={place} hidden />
      {typed && <Leaving text={t("leaving.typed")} />}
    </>
  );
}
