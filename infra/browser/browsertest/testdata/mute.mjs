// Ends well without a result.
import { input } from "../../browser.mjs";

await input();
console.log("nothing to tell");
