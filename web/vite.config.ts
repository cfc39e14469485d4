import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The server puts another nonce into every answer, wherever this stands (internal/console).
const placeholder = "{{nonce}}";

export default defineConfig({
  plugins: [react()],
  html: { cspNonce: placeholder },
  build: {
    target: ["chrome111", "edge111", "firefox114", "safari16.4"],
    manifest: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // what is inline is forbidden by the page's policy
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Few files: over HTTP/1.1 a browser asks for six at a time, and each time waits for the line there and back.
          groups: [
            { name: "start", tags: ["$initial"] },
            { name: "inside", minShareCount: 4 },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8080" } },
});
