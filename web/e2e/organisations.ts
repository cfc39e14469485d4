// Organisations of a test's own, so that tests do not meet.
import { Programme } from "./browser";

export interface Founded {
  slug: string;
  /** username and password are those of Jane Admin, who has come in before, and programme is she without a browser. */
  username: string;
  password: string;
  programme: Programme;
  /** asksAgain is whether the conditions of use are put before everybody at each sign-in. */
  asksAgain: boolean;
}

const password = "Harp$likes$maths1";
let made = 0;

/** founded is a new organisation with an administrator. */
export async function founded(preset: string): Promise<Founded> {
  made += 1;
  const slug = `e2e-${preset.slice(0, 3)}-${Date.now().toString(36)}-${made}`;
  const operator = await Programme.of("operator", "Olive Operator");
  const firstAdministrator = { givenName: "Jane", familyName: "Admin", email: `jane@${slug}.example` };
  const { user, initialPassword } = await operator.call<{ user: { username: string }; initialPassword: string }>(
    "POST",
    "/operator/organisations",
    { name: `Organisation ${slug}`, slug, preset, firstAdministrator },
  );
  const { username } = user;
  const programme = new Programme();
  await programme.call("POST", "/session", { organisation: slug, username, password: initialPassword });
  await programme.call("POST", "/session/password", { newPassword: password, repeatPassword: password });
  await agreed(programme, { organisation: slug, username, password });
  return { slug, username, password, programme, asksAgain: preset === "learner-registration" };
}

/** agreed signs in, and accepts the conditions of use where the organisation has some. */
async function agreed(programme: Programme, credentials: object): Promise<void> {
  const session = await programme.call<{ challenge?: { kind: string; version: number } }>(
    "POST",
    "/session",
    credentials,
  );
  if (session.challenge?.kind !== "agreement") return;
  await programme.call("POST", "/session/agreement", { version: session.challenge.version, accepted: true });
}
