import { describe, expect, it } from "vitest";
import { filtered, filtersOf } from "./filters";

const read = (address: string) => filtersOf(new URLSearchParams(address));

describe("the filters of an address", () => {
  it("are what the list is asked for", () => {
    expect(read("q=smi&status=suspended&role=user&inactiveMonths=12&undeliverable=true&sort=email&order=desc")).toEqual(
      {
        q: "smi",
        status: "suspended",
        role: "user",
        inactiveMonths: 12,
        undeliverable: true,
        sort: "email",
        order: "desc",
      },
    );
  });

  it("leave out what makes no sense", () => {
    expect(read("status=gone&inactiveMonths=0&sort=shoeSize&order=up&q=+&undeliverable=yes")).toEqual({});
    expect(read("inactiveMonths=121")).toEqual({});
    expect(read("inactiveMonths=1.5")).toEqual({});
  });

  it("are none where only the order is asked for", () => {
    expect(filtered(read("sort=email&order=desc"))).toBe(false);
    expect(filtered(read("neverSignedIn=true"))).toBe(true);
  });
});
