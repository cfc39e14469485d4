// Plays a scenario with passkeys: a person with a browser and an authenticator (CTAP2, built in, with user verification),
// step by step, as the test says. browsertest.Passkeys describes the steps and what comes back.
//
// Calls of the API are made beside the page and share its cookies, because pages with a strict content security policy
// may not make them; navigator.credentials is asked on the page, for the browser looks at its origin.

import { answer, input, launch } from "./browser.mjs";

// A call of the API or of navigator.credentials that takes longer than this, in milliseconds, does not come back: the
// virtual authenticator answers at once. Most of it is room for a machine that compiles at the same time.
const patience = 30_000;

const builtIn = {
  protocol: "ctap2",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
};

class Scenario {
  constructor(baseURL, context, page, devtools) {
    Object.assign(this, { baseURL, context, page, devtools, saved: {} });
  }

  // play does one step and returns what came of it. What the browser or the API refuses is a result; what the scenario
  // says wrongly is thrown.
  async play(step) {
    const action = Object.hasOwn(actions, step.do) ? actions[step.do] : undefined;
    if (!action) throw new Error(`there is no step "${step.do}"`);
    const result = await action.call(this, step);
    if (step.save && result.value !== undefined) this.saved[step.save] = result.value;
    return result;
  }

  // look finds what a path such as "started.options" names among what was saved.
  look(path) {
    let value = this.saved;
    for (const name of path.split(".")) {
      if (value === null || typeof value !== "object" || !Object.hasOwn(value, name)) {
        throw new Error(`nothing was saved as "${path}"`);
      }
      value = value[name];
    }
    return value;
  }

  // fill puts what was saved into a value. A string that is one reference and nothing else becomes the value named.
  fill(value) {
    if (typeof value === "string") {
      const whole = /^\$\{([^}]+)\}$/.exec(value);
      if (whole) return this.look(whole[1]);
      return value.replace(/\$\{([^}]+)\}/g, (_, path) => String(this.look(path)));
    }
    if (Array.isArray(value)) return value.map((v) => this.fill(v));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, v]) => [name, this.fill(v)]));
  }

  async plugIn(options) {
    const { authenticatorId } = await this.devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: { ...builtIn, ...options },
    });
    this.authenticatorId = authenticatorId;
  }

  // ask calls one of the two functions of navigator.credentials.
  async ask(method, options) {
    const { value, error } = await inTime(this.page.evaluate(askOnPage, { method, options }), `navigator.credentials.${method}`);
    return error ? { error: error.name, message: error.message } : { value };
  }
}

// askOnPage runs on the page.
async function askOnPage({ method, options }) {
  try {
    const publicKey =
      method === "create"
        ? PublicKeyCredential.parseCreationOptionsFromJSON(options)
        : PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = await navigator.credentials[method]({ publicKey });
    return { value: credential.toJSON() };
  } catch (error) {
    return { error: { name: error.name, message: error.message } };
  }
}

async function inTime(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come back within ${patience} ms`)), patience);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

const actions = {
  // api calls the service as a page of its own would.
  async api({ method, path, body, headers }) {
    const origin = new URL(this.baseURL).origin;
    const url = new URL(this.fill(path), this.baseURL);
    if (url.origin !== origin) throw new Error(`${url} is not at ${origin}`);
    const response = await this.context.request.fetch(url.href, {
      method: method ?? "GET",
      data: body === undefined ? undefined : JSON.stringify(this.fill(body)),
      headers: {
        Origin: origin,
        "Sec-Fetch-Site": "same-origin",
        "Sec-Fetch-Mode": "cors",
        "Sec-Fetch-Dest": "empty",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...this.fill(headers ?? {}),
      },
      maxRedirects: 0,
      timeout: patience,
    });
    return { status: response.status(), headers: response.headers(), value: bodyOf(await response.text()) };
  },

  async create({ from }) {
    return this.ask("create", this.look(from));
  },

  async get({ from }) {
    return this.ask("get", this.look(from));
  },

  // authenticator changes the one that is there, or puts another, empty one in its place.
  async authenticator({ set, replace }) {
    const { authenticatorId } = this;
    if (replace) {
      await this.devtools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
      await this.plugIn(set);
      return {};
    }
    for (const [name, value] of Object.entries(set ?? {})) {
      if (!Object.hasOwn(switches, name)) throw new Error(`an authenticator has no "${name}"`);
      await switches[name].call(this, value);
    }
    return {};
  },

  // credentials tells what the authenticator holds, without the private keys.
  async credentials() {
    const { authenticatorId } = this;
    const { credentials } = await this.devtools.send("WebAuthn.getCredentials", { authenticatorId });
    return { value: credentials.map(({ privateKey, ...rest }) => rest) };
  },

  // open goes to another page of the service.
  async open({ path }) {
    return { status: await open(this.page, new URL(this.fill(path), this.baseURL)) };
  },

  // forget drops all cookies, as a browser that was never here.
  async forget() {
    await this.context.clearCookies();
    return {};
  },
};

const switches = {
  userVerified(isUserVerified) {
    return this.devtools.send("WebAuthn.setUserVerified", { authenticatorId: this.authenticatorId, isUserVerified });
  },
};

// bodyOf reads JSON where it is JSON; an empty body is null.
function bodyOf(text) {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// open goes to a page; which it is does not matter, its origin does.
async function open(page, url) {
  const response = await page.goto(url.href, { timeout: patience, waitUntil: "commit" });
  return response.status();
}

async function begin(browser, baseURL) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const scenario = new Scenario(baseURL, context, page, devtools);
  await scenario.plugIn({});
  await open(page, new URL(baseURL));
  return scenario;
}

async function play(scenario, steps) {
  const results = [];
  for (const [i, step] of steps.entries()) {
    try {
      results.push(await scenario.play(step));
    } catch (error) {
      throw new Error(`step ${i + 1} (${step.do}): ${error.message}`, { cause: error });
    }
  }
  return results;
}

const given = await input();
const browser = await launch();
try {
  answer(await play(await begin(browser, given.baseURL), given.steps));
} finally {
  await browser.close();
}
