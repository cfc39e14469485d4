import { ProblemError } from "../api/problem";

type Options = Record<string, unknown>;

/** Whether this browser can be asked in the form that the API speaks. */
export const passkeysWork =
  typeof PublicKeyCredential !== "undefined" && "parseRequestOptionsFromJSON" in PublicKeyCredential;

/** createPasskey has the browser make a new passkey. */
export async function createPasskey(options: Options): Promise<Options> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  return shown(() => navigator.credentials.create({ publicKey }));
}

/** showPasskey has the browser ask for a passkey that there is. */
export async function showPasskey(options: Options): Promise<Options> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  return shown(() => navigator.credentials.get({ publicKey }));
}

async function shown(ask: () => Promise<Credential | null>): Promise<Options> {
  try {
    const credential = (await ask()) as PublicKeyCredential | null;
    if (credential) return credential.toJSON() as Options;
  } catch {
    // Browsers do not tell a page why: to have declined, to have none and to have waited too long all look alike.
  }
  throw new ProblemError({ code: "passkey" });
}
