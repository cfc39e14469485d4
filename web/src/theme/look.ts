import type { Schemas } from "../api/client";

type Look = Schemas["LookBody"];

/** luminance of a colour such as #0b5cad (WCAG 2, relative luminance). */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** readableOn is black or white, whichever can be read better on a colour; one of them always has a contrast of 4.5. */
export function readableOn(colour: string): "#000000" | "#ffffff" {
  const l = luminance(colour);
  return (l + 0.05) / 0.05 > 1.05 / (l + 0.05) ? "#000000" : "#ffffff";
}

/** whole is a colour with all its six digits; undefined if it is no colour. */
export function whole(colour: string | undefined): string | undefined {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(colour ?? "");
  if (short)
    return `#${short
      .slice(1)
      .map((d) => d.repeat(2))
      .join("")}`.toLowerCase();
  return /^#[0-9a-f]{6}$/i.test(colour ?? "") ? colour?.toLowerCase() : undefined;
}

/** wear gives the console an organisation's own look; without one, ours. */
export function wear(look: Look | undefined): void {
  paint("--look-colour", "--look-text", whole(look?.colour));
  paint("--look-background", "--look-background-text", whole(look?.background));
}

function paint(surface: string, text: string, colour: string | undefined): void {
  const { style } = document.documentElement;
  if (colour === undefined) {
    style.removeProperty(surface);
    style.removeProperty(text);
    return;
  }
  style.setProperty(surface, colour);
  style.setProperty(text, readableOn(colour));
}
