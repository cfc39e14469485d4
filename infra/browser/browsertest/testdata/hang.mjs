// Starts a browser and never ends.
import { input, launch } from "../../browser.mjs";

await input();
await launch();
await new Promise(() => {});
