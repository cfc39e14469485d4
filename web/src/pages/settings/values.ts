import { ProblemError } from "../../api/problem";
import type { Values } from "../../parts/formValues";
import { settingNames, settings, type Policy, type Setting, type SettingName } from "./description";

type Tree = { [key: string]: unknown };

const keysOf = (name: SettingName): string[] => name.split("-");

function read(policy: Policy, name: SettingName): unknown {
  return keysOf(name).reduce<unknown>((at, key) => (at as Tree)[key], policy);
}

function write(policy: Policy, name: SettingName, value: unknown): void {
  const keys = keysOf(name);
  const last = keys.pop() ?? "";
  const parent = keys.reduce<Tree>((at, key) => at[key] as Tree, policy as unknown as Tree);
  parent[last] = value;
}

interface Person {
  name: string;
  email?: string;
  telephone?: string;
}

const lines = (text: string): string[] =>
  text
    .split("\n")
    .map((l) => l.trim())
    .filter((l) => l !== "");

/** textOf is a setting as its field holds it. */
function textOf(setting: Setting, value: unknown): string {
  switch (setting.kind) {
    case "tick":
      return value === true ? "on" : "";
    case "several":
      return setting.options.filter((o) => (value as string[] | null)?.includes(o)).join(",");
    case "roles":
      return ((value as string[] | null) ?? []).join(",");
    case "numbers":
      return ((value as number[] | null) ?? []).join(", ");
    case "lines":
      return ((value as string[] | null) ?? []).join("\n");
    case "people":
      return ((value as Person[] | null) ?? [])
        .map((p) => [p.name, p.email ?? "", p.telephone ?? ""].join("; ").replace(/(; )+$/, ""))
        .join("\n");
    default:
      return String(value);
  }
}

/** valueOf is what a field's text says. */
function valueOf(setting: Setting, text: string): unknown {
  switch (setting.kind) {
    case "tick":
      return text === "on";
    case "several":
    case "roles":
      return text.split(",").filter((v) => v !== "");
    case "number":
      return Number(text);
    case "numbers":
      return text
        .split(/[\s,;]+/)
        .filter((v) => v !== "")
        .map(Number);
    case "lines":
      return lines(text).map((l) => l.toLocaleLowerCase());
    case "people":
      return lines(text).map(personOf);
    default:
      return text.trim();
  }
}

function personOf(line: string): Person {
  const [name = "", email = "", telephone = ""] = line.split(";").map((part) => part.trim());
  return { name, ...(email && { email }), ...(telephone && { telephone }) };
}

export function valuesOf(policy: Policy): Values {
  return Object.fromEntries(settingNames.map((name) => [name, textOf(settings[name], read(policy, name))]));
}

/** changed are the settings that fields hold otherwise than a policy. */
export function changed(policy: Policy, values: Values): SettingName[] {
  const now = valuesOf(policy);
  return settingNames.filter(
    (name) => values[name] !== undefined && !same(settings[name], now[name] ?? "", values[name]),
  );
}

function same(setting: Setting, a: string, b: string): boolean {
  if (setting.kind !== "roles")
    return a === b || JSON.stringify(valueOf(setting, a)) === JSON.stringify(valueOf(setting, b));
  return a.split(",").sort().join() === b.split(",").sort().join(); // ticked in whatever order
}

/** policyOf is the policy with what fields hold; what was not touched stays exactly as it is. */
export function policyOf(policy: Policy, values: Values): Policy {
  const after = structuredClone(policy);
  changed(policy, values).forEach((name) => {
    write(after, name, valueOf(settings[name], values[name] ?? ""));
  });
  return after;
}

/** atFields has a problem speak of this page's fields: body.policy.passwords.minLength is passwords-minLength. */
export function atFields(error: unknown): unknown {
  if (!(error instanceof ProblemError)) return error;
  const errors = (error.problem.errors ?? []).map((broken) => {
    const path = /^body\.policy\.([A-Za-z.]+)/.exec(broken.location)?.[1]?.replace(/\.$/, "");
    const name = settingNames.find((n) => path === n.replaceAll("-", "."));
    return name ? { ...broken, location: `body.${name}` } : broken;
  });
  return new ProblemError({ ...error.problem, errors });
}
