import { Store } from "./store";

/** Kinds of what can come between a request and its answer: the session is over, or more has to be shown first. */
export type InterruptionKind = "signIn" | "elevate" | "confirm";

export interface Interruption {
  kind: InterruptionKind;
  /** settle tells those who wait whether to go on. */
  settle: (goOn: boolean) => void;
}

/** interruption is what is asked of the user at present, in a dialog above whatever page is open. */
export const interruption = new Store<Interruption | undefined>(undefined);

let waiting: Promise<boolean> | undefined;

/** interrupt asks the user, once for all requests that wait, and resolves to whether they may be sent again. */
export function interrupt(kind: InterruptionKind): Promise<boolean> {
  waiting ??= new Promise<boolean>((resolve) => {
    interruption.set({
      kind,
      settle: (goOn) => {
        waiting = undefined;
        interruption.set(undefined);
        resolve(goOn);
      },
    });
  });
  return waiting;
}
