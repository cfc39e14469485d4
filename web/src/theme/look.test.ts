// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { readableOn, wear, whole } from "./look";

/** contrast of two colours (WCAG 2, contrast ratio), worked out apart from the code under test. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string) => {
    const [r = 0, g = 0, blue = 0] = [0, 2, 4].map((i) => {
      const c = Number.parseInt(colour.slice(1 + i, 3 + i), 16) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
  };
  const [lighter = 0, darker = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (lighter + 0.05) / (darker + 0.05);
}

describe("an organisation's colour", () => {
  it("can be read on, whichever it is", () => {
    for (let red = 0; red < 256; red += 15) {
      for (let green = 0; green < 256; green += 15) {
        for (let blue = 0; blue < 256; blue += 15) {
          const colour = `#${[red, green, blue].map((c) => c.toString(16).padStart(2, "0")).join("")}`;
          expect(contrast(colour, readableOn(colour)), colour).toBeGreaterThanOrEqual(4.5);
        }
      }
    }
  });

  it("may be written short, and is left out if it is none", () => {
    expect(whole("#0AF")).toBe("#00aaff");
    expect(whole("#0b5CAD")).toBe("#0b5cad");
    expect(whole("red; } body { display: none")).toBeUndefined();
    expect(whole(undefined)).toBeUndefined();
  });

  it("is worn by the page, and taken off again", () => {
    wear({ colour: "#ffee00" });
    expect(document.documentElement.style.getPropertyValue("--look-text")).toBe("#000000");
    wear(undefined);
    expect(document.documentElement.style.getPropertyValue("--look-colour")).toBe("");
  });
});
