/** How long before the end of the session it is told: two minutes, or a fifth of a short limit. */
export function warningTime(idleMs: number): number {
  return Math.min(120_000, idleMs / 5);
}

/** What there is to do about a session that was last used so many milliseconds ago. */
export function idleState(idleMs: number, unusedMs: number): "in use" | "warn" | "over" {
  if (unusedMs >= idleMs) return "over";
  return unusedMs >= idleMs - warningTime(idleMs) ? "warn" : "in use";
}

/**
 * worthTelling: who types a long text sends no request, and is using the session all the same. Past half of the limit the
 * service is told, so that nobody is signed out while typing.
 */
export function worthTelling(idleMs: number, unusedMs: number): boolean {
  return unusedMs >= idleMs / 2 && unusedMs < idleMs;
}
