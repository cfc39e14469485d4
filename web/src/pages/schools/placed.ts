import type { Listed } from "../../parts/pages";
import type { School } from "./queries";

/**
 * placed puts a school where it belongs by name in the pages that were read, or takes it out (null). One that does not begin
 * with what is sought, or that comes after all that was read so far, is not among them.
 */
export function placed(
  pages: readonly Listed<School>[],
  id: string,
  school: School | null,
  sought: string,
): Listed<School>[] {
  const others = pages.map((p) => ({ ...p, items: p.items.filter((s) => s.id !== id) }));
  if (school === null || !folded(school.name).startsWith(folded(sought))) return others;
  const comesAfter = (s: School) => s.name.localeCompare(school.name) > 0;
  const at = others.findIndex((p, i) => p.items.some(comesAfter) || (i === others.length - 1 && !p.nextCursor));
  return others.map((p, i) => {
    if (i !== at) return p;
    const before = p.items.findIndex(comesAfter);
    const index = before < 0 ? p.items.length : before;
    return { ...p, items: [...p.items.slice(0, index), school, ...p.items.slice(index)] };
  });
}

const folded = (text: string) => text.trim().toLocaleLowerCase();
