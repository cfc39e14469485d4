import { useEffect } from "react";

/** Held is what had the focus last, with where it was, so that something near can have it when it goes away. */
interface Held {
  element: HTMLElement;
  /** rows are the rows and items of lists it was in, innermost first, each with what was around it and its place there. */
  rows: readonly { around: Element; at: number }[];
}

const focusable = "a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary, [tabindex]";

/**
 * useFocusKept gives the focus to something near when what had it goes away, as a row that was deleted, and back to a button that
 * was out of use while it worked. Otherwise who has a keyboard, or hears the page, would have to begin at its top.
 */
export function useFocusKept(): void {
  useEffect(() => {
    let held: Held | undefined;
    let waiting = 0;
    const hold = () => {
      held = document.activeElement instanceof HTMLElement && !lost() ? heldOf(document.activeElement) : undefined;
    };
    const look = () => {
      if (held === undefined || !lost()) return;
      const next = held.element.isConnected ? back(held.element) : near(held);
      next?.focus({ preventScroll: next === held.element });
    };
    // What a page does about it itself comes first.
    const observer = new MutationObserver(() => {
      if (held === undefined || !lost()) return;
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(() => {
        waiting = requestAnimationFrame(look);
      });
    });
    observer.observe(document.body, { childList: true, subtree: true, attributeFilter: ["disabled"] });
    document.addEventListener("focusin", hold);
    document.addEventListener("click", hold, true); // into the empty page: then nothing is to have it
    return () => {
      cancelAnimationFrame(waiting);
      observer.disconnect();
      document.removeEventListener("focusin", hold);
      document.removeEventListener("click", hold, true);
    };
  }, []);
}

const lost = (): boolean => document.activeElement === null || document.activeElement === document.body;

function heldOf(element: HTMLElement): Held {
  const rows: { around: Element; at: number }[] = [];
  for (let e: Element | null = element; e !== null; e = e.parentElement) {
    if (e.matches("tr, li") && e.parentElement)
      rows.push({ around: e.parentElement, at: [...e.parentElement.children].indexOf(e) });
  }
  return { element, rows };
}

/** back is the element itself, once it can be used again. */
const back = (element: HTMLElement): HTMLElement | undefined => (element.matches(":disabled") ? undefined : element);

/** near is something in the row that took the place of the one that is gone, or the heading of the dialog or of the page. */
function near({ rows }: Held): HTMLElement | undefined {
  const open = [...document.querySelectorAll<HTMLDialogElement>("dialog[open]")].at(-1);
  for (const { around, at } of rows) {
    if (!around.isConnected || (open && !open.contains(around))) continue;
    const row = around.children[at] ?? around.children[at - 1];
    const found = row?.querySelector<HTMLElement>(focusable);
    if (found) return found;
  }
  return (open ?? document).querySelector<HTMLElement>(open ? focusable : "h1") ?? undefined;
}
