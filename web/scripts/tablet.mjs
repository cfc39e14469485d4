// How soon pages are readable on a slow tablet on a slow line: four times slower than this machine, with the figures that the
// browser's developer tools call slow 4G. Prints the median of some runs, each with an empty cache, and then with a full one.
import { member, startBrowser, startRunner } from "./local.mjs";

const { baseURL, stop } = await startRunner();
const browser = await startBrowser();
const runs = 5;
const slowLine = {
  offline: false,
  latency: 562.5, // ms before each answer
  downloadThroughput: (1.44 * 1e6) / 8, // bytes a second
  uploadThroughput: (0.675 * 1e6) / 8,
};

async function tablet() {
  const context = await browser.newContext({ viewport: { width: 768, height: 1024 }, locale: "en-GB" });
  const page = await context.newPage();
  const tools = await context.newCDPSession(page);
  return {
    context,
    page,
    slow: async () => {
      await tools.send("Network.emulateNetworkConditions", slowLine);
      await tools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    },
    quick: async () => {
      await tools.send("Network.emulateNetworkConditions", {
        ...slowLine,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
      });
      await tools.send("Emulation.setCPUThrottlingRate", { rate: 1 });
    },
  };
}

/** until opens a page and says after how many milliseconds each of some things could be seen. */
async function until(page, path, ...seen) {
  const began = performance.now();
  const opened = page.goto(baseURL + path, { waitUntil: "commit" });
  const times = await Promise.all(
    seen.map((find) =>
      find(page)
        .waitFor()
        .then(() => performance.now() - began),
    ),
  );
  await opened;
  return times;
}

const median = (times) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];
const say = (what, times) => console.log(`${what.padEnd(58)} ${Math.round(median(times))} ms`);

const heading = (name) => (page) => page.getByRole("heading", { name });
const door = (page) => page.locator("button[type=submit]");

const first = [[], []];
const again = [];
for (let i = 0; i < runs; i++) {
  const t = await tablet();
  await t.slow();
  const [readable, usable] = await until(t.page, "/o/bash-street", heading("Sign in"), door);
  first[0].push(readable);
  first[1].push(usable);
  again.push((await until(t.page, "/o/bash-street", door))[0]);
  await t.context.close();
}
say("sign-in page, first visit: readable", first[0]);
say("sign-in page, first visit: can be sent", first[1]);
say("sign-in page, later visit: can be sent", again);

const { username, password } = await member(baseURL, "bash-street", "Jane Admin");
const pages = [
  ["home", /Welcome/],
  ["users", "Users"],
];
for (const [path, name] of pages) {
  const times = [];
  for (let i = 0; i < runs; i++) {
    const t = await tablet();
    await t.page.goto(`${baseURL}/o/bash-street`);
    await t.page.locator("[name=username]").fill(username);
    await t.page.locator("[name=password]").fill(password);
    await door(t.page).click();
    await heading(/Welcome/)(t.page).waitFor();
    await t.slow();
    times.push((await until(t.page, `/o/bash-street/${path}`, heading(name)))[0]);
    await t.context.close();
  }
  say(`${path}, from the address, with what the sign-in brought`, times);
}
await browser.close();
await stop();
