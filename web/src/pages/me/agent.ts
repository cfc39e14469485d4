// The order matters: most browsers call themselves by the names of others too.
const browsers = [
  ["Edge", /Edg(?:e|A|iOS)?\//],
  ["Firefox", /(?:Firefox|FxiOS)\//],
  ["Opera", /OPR\//],
  ["Chrome", /(?:Chrome|CriOS|Chromium)\//],
  ["Safari", /Safari\//],
] as const;

const systems = [
  ["iPad", /iPad/],
  ["iPhone", /iPhone/],
  ["Android", /Android/],
  ["Windows", /Windows/],
  ["macOS", /Mac OS X/],
  ["ChromeOS", /CrOS/],
  ["Linux", /Linux/],
] as const;

/** nameOf is what people call the browser that calls itself so; undefined for what is no browser one knows. */
export function nameOf(agent: string | undefined): string | undefined {
  const browser = browsers.find(([, is]) => is.test(agent ?? ""))?.[0];
  const system = systems.find(([, is]) => is.test(agent ?? ""))?.[0];
  if (browser === undefined) return undefined;
  return system === undefined ? browser : `${browser}, ${system}`;
}
