// Tells what the browser says to a page of another machine.
import { answer, input, launch } from "../../browser.mjs";

const url = await input();
const browser = await launch();
try {
  const page = await browser.newPage();
  const refusal = await page.goto(url).then(
    () => "",
    (error) => error.message,
  );
  answer({ version: browser.version(), refusal });
} finally {
  await browser.close();
}
