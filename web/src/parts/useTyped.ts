import { useEffect, type RefObject } from "react";
import { valuesOf, type Values } from "./formValues";

/** useTyped calls look with what the form around place holds, at first and whenever that may have changed. */
export function useTyped(place: RefObject<HTMLElement | null>, look: (values: Values) => void): void {
  useEffect(() => {
    const form = place.current?.closest("form");
    if (!form) return;
    let later = 0;
    const now = () => {
      look(valuesOf(form));
    };
    const soon = () => {
      cancelAnimationFrame(later);
      later = requestAnimationFrame(now);
    };
    const heard = [
      ["input", now],
      ["change", now],
      ["click", soon], // a list of ticks says nothing of itself, and has not changed yet
      ["reset", soon],
    ] as const;
    now();
    heard.forEach(([event, hear]) => {
      form.addEventListener(event, hear);
    });
    return () => {
      cancelAnimationFrame(later);
      heard.forEach(([event, hear]) => {
        form.removeEventListener(event, hear);
      });
    };
  }, [place, look]);
}
