import { createTheme } from "@mantine/core";

/** nonce allows the style sheets that the components write (internal/console puts it into the page). */
export const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";

export const theme = createTheme({
  primaryShade: 8, // of the shades of blue the first with enough contrast under white text
  respectReducedMotion: true,
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif",
});
