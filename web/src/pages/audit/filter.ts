/** What the trail can be asked by; in the address, so that it can be kept and sent to others. */
export const filterNames = ["from", "to", "actor", "subject", "action"] as const;
export type Filter = Partial<Record<(typeof filterNames)[number], string>>;

/** filterOf reads the address. */
export function filterOf(address: URLSearchParams): Filter {
  const pairs = filterNames.map((name) => [name, address.get(name) ?? ""] as const);
  return Object.fromEntries(pairs.filter(([, value]) => value !== ""));
}

/** queryOf is a filter as the API takes it: days are whole ones, in this browser's zone. A day that is none is left out. */
export function queryOf({ from, to, ...rest }: Filter): Filter {
  const [begin, end] = [instant(from, "00:00:00.000"), instant(to, "23:59:59.999")];
  return { ...rest, ...(begin ? { from: begin } : {}), ...(end ? { to: end } : {}) };
}

function instant(day: string | undefined, time: string): string | undefined {
  const at = new Date(`${day ?? ""}T${time}`);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
