// Fails after it has printed something that looks like a result.
import { answer, input } from "../../browser.mjs";

await input();
answer({});
throw new Error("it broke on purpose");
