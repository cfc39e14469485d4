import { connected } from "../api/reach";

const pauses = [1, 2, 4, 8, 15, 15, 15] as const; // seconds

/**
 * lazily fetches a part of the console. Without a connection it says so and tries again; a part of a version that is gone
 * fails at once, so that the page can be loaded anew.
 */
export async function lazily<T>(load: () => Promise<T>): Promise<T> {
  for (const seconds of pauses) {
    try {
      return await load();
    } catch (error) {
      if (await reachable()) throw error;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  }
  return load();
}

async function reachable(): Promise<boolean> {
  try {
    await fetch("/", { cache: "no-store" });
    connected.set(true);
  } catch {
    connected.set(false);
  }
  return connected.get();
}
