interface Held {
  path: string;
  step: number | undefined;
  ask: (leave: () => void) => void;
}

/** held is the page that the browser's "back" is not to lead away from unasked, if there is one. */
let held: Held | undefined;
/** ours is set while the history goes where it is told from here, which is nothing to ask about; silent where nobody hears of it. */
let ours: "silent" | "heard" | undefined;

/** step is where the shown page stands in the browser's history: the router counts it there. */
function step(): number | undefined {
  const state = history.state as { idx?: unknown } | null;
  return typeof state?.idx === "number" ? state.idx : undefined;
}

function popped(event: PopStateEvent) {
  if (ours !== undefined) {
    if (ours === "silent") event.stopImmediatePropagation();
    ours = undefined;
    return;
  }
  if (held === undefined) return;
  if (location.pathname === held.path) {
    held.step = step(); // to a heading of the same page, or back from it
    return;
  }
  event.stopImmediatePropagation();
  const to = step();
  const by = held.step === undefined || to === undefined ? -1 : to - held.step; // where nobody counted: most go back
  ours = "silent";
  history.go(-by);
  held.ask(() => {
    ours = "heard";
    history.go(by);
  });
}

/**
 * watchHistory has to be called before the router begins to listen: the browser tells of a step when it has been taken, and
 * listeners of the window in the order in which they came.
 */
export function watchHistory(): void {
  window.addEventListener("popstate", popped);
}

/**
 * holdBack has the browser's "back" and "forward" return to this page, and ask called with what would go there after all, until
 * it is released.
 */
export function holdBack(ask: Held["ask"]): () => void {
  const mine = { path: location.pathname, step: step(), ask };
  held = mine;
  return () => {
    if (held === mine) held = undefined;
  };
}
