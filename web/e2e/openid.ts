// An OpenID provider with a form of its own, at the one of infra/emulators (infra/emulators/openid/openidtest says what it is told).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "vitest";

export interface Issuer {
  address: string;
  set: (method: string, path: string, body: object) => Promise<void>;
}

/** startOpenID starts the provider: in a browser it is of another site than the product is at 127.0.0.1, as providers are. */
export async function startOpenID() {
  const folder = join(import.meta.dirname, "../../.tools/emulators/openid");
  const server = spawn("node", ["server.js"], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  server.once("error", () => undefined); // then it says no address
  let endpoint: string | undefined;
  for await (const line of createInterface(server.stdout)) {
    endpoint = /http:\S+/.exec(line)?.[0];
    if (endpoint !== undefined) break;
  }
  if (endpoint === undefined) throw new Error("the OpenID provider is missing: use `make emulators`");
  const settings = `${endpoint}/test/issuers`;
  return {
    issuer: async (name: string): Promise<Issuer> => {
      const set = async (method: string, path: string, body: object) => {
        const response = await fetch(`${settings}/${name}${path}`, { method, body: JSON.stringify(body) });
        expect(response.ok, `${method} ${path}: ${response.status}`).toBe(true);
      };
      await set("PUT", "", { host: "localhost" });
      return { address: `${endpoint.replace("127.0.0.1", "localhost")}/${name}`, set };
    },
    stop: async () => {
      server.kill("SIGTERM");
      if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
    },
  };
}
