import type { Browser } from "playwright-core";

export function startRunner(stack?: string): Promise<{ baseURL: string; stop: () => Promise<void> }>;
export function startBrowser(): Promise<Browser>;

interface Member {
  organisation: string;
  name: string;
  username: string;
  password: string;
}

export function member(baseURL: string, organisation: string, name: string): Promise<Member>;
