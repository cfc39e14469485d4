import { interrupt, type InterruptionKind } from "./interruption";
import { ProblemError, type Problem } from "./problem";
import { Store } from "./store";

/** connected is false from a request that reached nobody until one that did. */
export const connected = new Store(true);

/** lastUse is when the session was last used, as this browser's clock has it; 0 without a session. */
export const lastUse = new Store(0);

/** What a refusal asks of the user before the request can be sent again. */
const asks: Partial<Record<Problem["code"], InterruptionKind>> = {
  not_signed_in: "signIn",
  challenge_pending: "signIn",
  elevation_required: "elevate",
  confirmation_required: "confirm",
};

/** The session's own requests are answered as they are: whoever sends them expects to be refused. */
const unattended = /\/api\/v1\/(session|passkey-sign-in|password-resets|organisations)(\/|$)/;

/**
 * reach sends a request as fetch does. Where the session is over, or more has to be shown, it asks the user and sends the
 * request again, so that nothing typed is lost.
 */
export async function reach(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await send(request);
  const kind = unattended.test(new URL(request.url).pathname) ? undefined : await asked(response);
  if (!kind) return response;
  if (!(await interrupt(kind))) throw new ProblemError({ code: "interrupted" });
  return send(again);
}

async function send(request: Request): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    connected.set(false);
    throw new ProblemError({ code: "connection" });
  }
  connected.set(true);
  if (response.ok && lastUse.get() > 0) lastUse.set(Date.now());
  return response;
}

async function asked(response: Response): Promise<InterruptionKind | undefined> {
  if (response.status !== 401 && response.status !== 403) return undefined;
  const problem = (await response.clone().json()) as Problem;
  return asks[problem.code];
}
