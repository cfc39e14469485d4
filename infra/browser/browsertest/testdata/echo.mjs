// Prints what is not the result, then the input and the environment that is this script's.
import { answer, input } from "../../browser.mjs";

const given = await input();
console.log("not the result");
answer({ given, node: process.env.NODE_OPTIONS ?? "", scratch: process.env.TMPDIR });
