// A school of a test's own, for what would change the others of the demonstration.
import { Programme } from "./browser";

export interface OwnSchool {
  slug: string;
  name: string;
  username: string;
  password: string;
  /** admin is its administrator, signed in without a browser. */
  admin: Programme;
  /** settle adds a teacher, who has come in before and has the same password. */
  settle: (givenName: string) => Promise<Settled>;
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

const password = "Minnie7Minx";
let made = 0;

/** ownSchool is a school portal that an operator has just set up, with Ada Head as its administrator. */
export async function ownSchool(): Promise<OwnSchool> {
  made += 1;
  const slug = `own-${Date.now().toString(36)}-${made}`;
  const name = `Own School ${made}`;
  const operator = await Programme.of("operator", "Olive Operator");
  const first = await operator.call<Made>("POST", "/operator/organisations", {
    slug,
    name,
    preset: "school-portal",
    firstAdministrator: { givenName: "Ada", familyName: "Head", email: `head@${slug}.example` },
  });
  const admin = await comeIn(slug, first);
  const settle = async (givenName: string) => {
    const email = `${givenName.toLowerCase()}@${slug}.example`;
    const added = await admin.call<Made>("POST", "/users", { givenName, familyName: "Smith", email });
    await comeIn(slug, added);
    return added.user;
  };
  return { slug, name, username: first.user.username, password, admin, settle };
}

/** comeIn takes somebody through the first sign-in. */
async function comeIn(organisation: string, { user: { username }, initialPassword }: Made): Promise<Programme> {
  const browser = new Programme();
  await browser.call("POST", "/session", { organisation, username, password: initialPassword });
  await browser.call("POST", "/session/password", { newPassword: password, repeatPassword: password });
  await browser.call("POST", "/session", { organisation, username, password });
  await browser.call("POST", "/session/agreement", { version: 1, accepted: true });
  return browser;
}
