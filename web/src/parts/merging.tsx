import { lazy, Suspense, useEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import { labelOf, shownValue, ticksNames, valuesOf, type Values } from "./formValues";
import { lazily } from "./lazily";
import type { Stale as Both } from "./stale";

const Stale = lazy(async () => ({ default: (await lazily(() => import("./Stale"))).Stale }));

/** Merging is how a form brings two changes together. */
interface Merging {
  /** given is what the fields hold after a choice, and round counts the choices: fields are made anew for each. */
  given: Values;
  round: number;
  dialog: ReactNode;
  /** kept notes that what the fields hold is what the service has. */
  kept: (form: HTMLFormElement) => void;
  /** unsettled tells that both versions were shown and nothing was chosen: to send one's own now would undo the other's. */
  unsettled: () => boolean;
  /** ask shows both versions; it throws what reading the other one threw. */
  ask: (form: HTMLFormElement, current: () => Promise<Values>) => Promise<void>;
}

interface Asked {
  both: Both;
  form: HTMLFormElement;
}

/** useMerging asks what is to be when somebody else's change came first, and has the form sent again with the answer. */
export function useMerging(form: RefObject<HTMLFormElement | null>): Merging {
  const begun = useRef<Values>({});
  const unsettled = useRef(false);
  const [asked, setAsked] = useState<Asked>();
  const [{ given, round }, setGiven] = useState<{ given: Values; round: number }>({ given: {}, round: 0 });
  useEffect(() => {
    if (round > 0) form.current?.requestSubmit();
    else if (form.current) begun.current = valuesOf(form.current);
  }, [form, round]);
  const close = () => {
    setAsked(undefined);
  };
  return {
    given,
    round,
    kept: (element) => {
      begun.current = valuesOf(element);
    },
    unsettled: () => unsettled.current,
    ask: async (element, current) => {
      unsettled.current = true;
      const mine = valuesOf(element);
      const both = { base: begun.current, mine, theirs: await current(), ticks: ticksNames(element) };
      setAsked({ form: element, both });
    },
    dialog: asked && (
      <Suspense>
        <Stale
          both={asked.both}
          labelOf={(name) => labelOf(asked.form, name)}
          shown={(name, value) => shownValue(asked.form, name, value)}
          onClose={close}
          onSave={(values) => {
            close();
            unsettled.current = false;
            begun.current = { ...begun.current, ...asked.both.theirs };
            setGiven({ given: values, round: round + 1 });
          }}
        />
      </Suspense>
    ),
  };
}
