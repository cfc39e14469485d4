export type Values = Record<string, string>;

/** Withheld is thrown where somebody was asked, and went back to the form: nothing was sent, and nothing is wrong. */
export class Withheld extends Error {}

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const isField = (e: Element): e is Field =>
  e instanceof HTMLInputElement || e instanceof HTMLTextAreaElement || e instanceof HTMLSelectElement;

const named = (form: HTMLFormElement): Field[] =>
  [...form.elements].filter((e): e is Field => isField(e) && e.name !== "" && !e.disabled);

/** split is what is in the value of a field of ticks. */
export const split = (value: string | undefined): string[] => (value ?? "").split(",").filter((v) => v !== "");

/** ticksNames are the fields whose value is any number of many. */
export const ticksNames = (form: HTMLFormElement): string[] =>
  named(form)
    .filter((e) => e.dataset["ticks"] !== undefined)
    .map((e) => e.name);

export const fieldNames = (form: HTMLFormElement): string[] => named(form).map((e) => e.name);

/** labelOf is what a field is called on the page. */
export function labelOf(form: HTMLFormElement, name: string): string {
  const field = named(form).find((e) => e.name === name);
  return field?.dataset["label"] ?? field?.labels?.[0]?.textContent ?? name;
}

/** shownValue is what a field shows for a value of its own: what is chosen, not what stands for it. */
export function shownValue(form: HTMLFormElement, name: string, value: string): string {
  const field = named(form).find((e) => e.name === name);
  if (!(field instanceof HTMLSelectElement)) return value;
  return [...field.options].find((o) => o.value === value)?.text ?? value;
}

const isTick = (e: Field): e is HTMLInputElement => e instanceof HTMLInputElement && e.type === "checkbox";
const isRadio = (e: Field): e is HTMLInputElement => e instanceof HTMLInputElement && e.type === "radio";

/** valuesOf is what was typed; a box that is ticked is "on", another one "". */
export function valuesOf(form: HTMLFormElement): Values {
  const values = named(form).filter((e) => !isRadio(e) || e.checked);
  return Object.fromEntries(values.map((e) => [e.name, isTick(e) && !e.checked ? "" : e.value]));
}

export function missingFields(form: HTMLFormElement, message: string): Values {
  return Object.fromEntries(
    named(form)
      .filter((e) => e.required && e.value.trim() === "")
      .map((e) => [e.name, message]),
  );
}

/** focusTrouble leads to what is wrong: the first such field, or else what is said above them. */
export function focusTrouble(form: HTMLFormElement | null): void {
  const trouble =
    form?.querySelector<HTMLElement>("[aria-invalid=true], [data-invalid-group]") ??
    form?.querySelector<HTMLElement>("[role=alert]");
  if (trouble?.getAttribute("role") === "alert") trouble.tabIndex = -1;
  trouble?.closest("details")?.setAttribute("open", ""); // what is folded away can be wrong, too
  trouble?.focus();
}
