/** Early is what somebody has typed before the script came (scripts/early.mjs), and where the cursor was. */
export interface Early {
  username: string;
  password: string;
  focus: "username" | "password" | undefined;
}

/** takeEarly takes the early form away, and returns what was in it. */
export function takeEarly(): Early | undefined {
  const early = document.getElementById("early");
  if (!early) return undefined;
  const field = (name: string) => early.querySelector<HTMLInputElement>(`#early-${name}`);
  const [username, password] = [field("username"), field("password")];
  const at = document.activeElement;
  const taken: Early = {
    username: username?.value ?? "",
    password: password?.value ?? "",
    focus: at === username ? "username" : at === password ? "password" : undefined,
  };
  early.remove();
  return taken;
}

/** hand fills what was typed early into the fields of those names. */
export function hand(early: Early | undefined, form: HTMLElement | null): void {
  for (const name of ["username", "password"] as const) {
    const field = form?.querySelector<HTMLInputElement>(`[name=${name}]`);
    if (field && early?.[name]) field.value = early[name];
    if (field && early?.focus === name) field.focus();
  }
}
