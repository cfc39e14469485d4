import { afterEach, describe, expect, it, vi } from "vitest";
import { interruption } from "./interruption";
import { ProblemError } from "./problem";
import { connected, reach } from "./reach";

const at = "http://localhost/api/v1";

function answering(...answers: (Response | Error)[]) {
  const sent: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    sent.push(`${request.method} ${await request.text()}`);
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return next ?? new Response("{}");
  });
  return sent;
}

const refusal = (status: number, code: string) => new Response(JSON.stringify({ code }), { status });

afterEach(() => {
  vi.unstubAllGlobals();
  connected.set(true);
  interruption.set(undefined);
});

describe("a request", () => {
  it("whose session is over waits until one has signed in, and is sent again as it was", async () => {
    const sent = answering(refusal(401, "not_signed_in"), new Response("done"));
    const answer = reach(new Request(`${at}/contact`, { method: "POST", body: "a long letter" }));
    await vi.waitFor(() => {
      expect(interruption.get()?.kind).toBe("signIn");
    });
    expect(sent).toEqual(["POST a long letter"]);
    interruption.get()?.settle(true);
    expect(await (await answer).text()).toBe("done");
    expect(sent).toEqual(["POST a long letter", "POST a long letter"]);
  });

  it("asks once for all that wait", async () => {
    answering(refusal(401, "not_signed_in"), refusal(401, "not_signed_in"));
    const both = Promise.all([reach(new Request(`${at}/me`)), reach(new Request(`${at}/contacts`))]);
    await vi.waitFor(() => {
      expect(interruption.get()).toBeDefined();
    });
    const first = interruption.get();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(interruption.get()).toBe(first);
    first?.settle(true);
    expect((await both).map((r) => r.ok)).toEqual([true, true]);
  });

  it("is not sent again where one does not want to", async () => {
    const sent = answering(refusal(403, "elevation_required"));
    const answer = reach(new Request(`${at}/users`, { method: "POST", body: "{}" }));
    await vi.waitFor(() => {
      expect(interruption.get()?.kind).toBe("elevate");
    });
    interruption.get()?.settle(false);
    await expect(answer).rejects.toMatchObject({ problem: { code: "interrupted" } });
    expect(sent).toHaveLength(1);
  });

  it("about the session itself is answered as it is", async () => {
    answering(refusal(401, "not_signed_in"));
    expect((await reach(new Request(`${at}/session`))).status).toBe(401);
    expect(interruption.get()).toBeUndefined();
  });

  it("that reaches nobody is not sent twice by itself, and says that there is no connection", async () => {
    const sent = answering(new TypeError("Failed to fetch"), new Response("here"));
    const request = () => new Request(`${at}/contact`, { method: "POST", body: "a letter" });
    await expect(reach(request())).rejects.toBeInstanceOf(ProblemError);
    expect(connected.get()).toBe(false);
    expect(sent).toHaveLength(1);
    await reach(request());
    expect(connected.get()).toBe(true);
  });
});
