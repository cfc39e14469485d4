const stored = "caretaker-organisations";
const most = 5;

export interface Visited {
  slug: string;
  name: string;
}

function isVisited(value: unknown): value is Visited {
  return typeof value === "object" && value !== null && "slug" in value && "name" in value;
}

/** visited are the organisations that somebody signed in to with this browser, the latest first. */
export function visited(): Visited[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(stored) ?? "[]");
    return Array.isArray(found) ? found.filter(isVisited).slice(0, most) : [];
  } catch {
    return []; // something else wrote there
  }
}

export function remember({ slug, name }: Visited): void {
  const others = visited().filter((v) => v.slug !== slug);
  localStorage.setItem(stored, JSON.stringify([{ slug, name }, ...others].slice(0, most)));
}
