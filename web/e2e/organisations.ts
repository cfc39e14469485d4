// Organisations of a test's own, so that tests do not meet, nor change the others of the demonstration.
import { Programme } from "./browser";

export interface Founded {
  slug: string;
  name: string;
  /** username and password are those of Ada Head, who has come in before. */
  username: string;
  password: string;
  /** admin is Ada Head without a browser. */
  admin: Programme;
  /** asksAgain is whether the conditions of use are put before everybody at each sign-in. */
  asksAgain: boolean;
  /** settle adds somebody who has come in before and has the same password. */
  settle: (givenName: string, more?: object) => Promise<Settled>;
}

interface Settled {
  id: string;
  username: string;
  email: string;
}

interface Made {
  user: Settled;
  initialPassword: string;
}

const password = "Harp$likes$maths1";
let made = 0;

/** founded is an organisation that an operator has just set up, with Ada Head as its administrator. */
export async function founded(preset = "school-portal", language = "en"): Promise<Founded> {
  made += 1;
  const slug = `own-${preset.slice(0, 3)}-${Date.now().toString(36)}-${made}`;
  const name = `Organisation ${slug}`;
  const operator = await Programme.of("operator", "Olive Operator");
  const initials = preset === "school-intranet" ? { username: "AH" } : {}; // which are chosen there
  const first = await operator.call<Made>("POST", "/operator/organisations", {
    slug,
    name,
    preset,
    language,
    firstAdministrator: { givenName: "Ada", familyName: "Head", email: `head@${slug}.example`, ...initials },
  });
  const admin = await comeIn(slug, first);
  const settle = async (givenName: string, more = {}) => {
    const email = `${givenName.toLowerCase()}@${slug}.example`;
    const added = await admin.call<Made>("POST", "/users", { givenName, familyName: "Smith", email, ...more });
    await comeIn(slug, added);
    return added.user;
  };
  const asksAgain = preset === "learner-registration";
  return { slug, name, username: first.user.username, password, admin, asksAgain, settle };
}

/** comeIn takes somebody through the first sign-in, and the conditions of use where there are some. */
async function comeIn(organisation: string, { user: { username }, initialPassword }: Made): Promise<Programme> {
  const browser = new Programme();
  await browser.call("POST", "/session", { organisation, username, password: initialPassword });
  await browser.call("POST", "/session/password", { newPassword: password, repeatPassword: password });
  const session = await browser.call<{ challenge?: { kind: string; version: number } }>("POST", "/session", {
    organisation,
    username,
    password,
  });
  if (session.challenge?.kind === "agreement")
    await browser.call("POST", "/session/agreement", { version: session.challenge.version, accepted: true });
  return browser;
}
