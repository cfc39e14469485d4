/** How long support can be let in. */
export const ends = ["today", "week", "day"] as const;
export type End = (typeof ends)[number];

/** untilOf is when that ends: always with a day, in this browser's zone. A day that is none is sent as it is, to be refused. */
export function untilOf(end: End, day: string, now: Date): string {
  const days = end === "week" ? 7 : 0;
  const at =
    end === "day"
      ? new Date(`${day}T23:59:59`)
      : new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 23, 59, 59);
  return Number.isNaN(at.getTime()) ? day : at.toISOString();
}

/** today is the day as a DateField has it. */
export function today(now = new Date()): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
