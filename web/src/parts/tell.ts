import { Store } from "../api/store";

/** Saying is what was told last, and on which page. */
export interface Saying {
  text: string;
  path: string;
}

export const saying = new Store<Saying | undefined>(undefined);

/** tell says what has been done, on the page that is open; who leads elsewhere does so first. The next page does not show it. */
export function tell(text: string): void {
  saying.set({ text, path: location.pathname });
}

/** hush takes away what was told before, where something newer is said elsewhere on the page. */
export function hush(): void {
  saying.set(undefined);
}
