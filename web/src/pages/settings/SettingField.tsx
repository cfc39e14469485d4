import { useTranslation } from "react-i18next";
import { TextField } from "../../parts/fields";
import { LongTextField, NumberField, SelectField, split, TickField, TicksField } from "../../parts/moreFields";
import { settings, type SettingName } from "./description";
import classes from "./Rules.module.css";

interface SettingFieldProps {
  name: SettingName;
  value: string;
  roles: ReadonlyMap<string, string>;
}

/** SettingField is the field of one setting, by its description. */
export function SettingField({ name, value, roles }: SettingFieldProps) {
  const { t } = useTranslation("settings");
  const setting = settings[name];
  const common = { name, label: t(`field.${name}.label`), description: useHint(name) };
  const options = (of: string, values: readonly string[]) =>
    values.map((o) => ({ value: o, label: t(`option.${of}.${o}` as "option.reuse.never") }));
  switch (setting.kind) {
    case "tick":
      return <TickField {...common} defaultChecked={value === "on"} />;
    case "number":
      return (
        <div className={classes.number}>
          <NumberField {...common} defaultValue={value} required />
        </div>
      );
    case "choice":
      return <SelectField {...common} defaultValue={value} options={options(setting.of, setting.options)} />;
    case "several":
      return <TicksField {...common} options={options(setting.of, setting.options)} defaultTicked={split(value)} />;
    case "roles":
      return <TicksField {...common} options={roleOptions(roles, split(value))} defaultTicked={split(value)} />;
    case "zone":
      return <SelectField {...common} defaultValue={value} options={zones(value)} />;
    case "long":
    case "lines":
    case "people":
      return <LongTextField {...common} defaultValue={value} />;
    case "numbers":
      return <TextField {...common} defaultValue={value} inputMode="text" autoComplete="off" />;
    default:
      return <TextField {...common} defaultValue={value} type={setting.type ?? "text"} autoComplete="off" />;
  }
}

/** useHint explains a setting: what it does, its bounds, and what 0 means. */
function useHint(name: SettingName): string {
  const { t, i18n } = useTranslation("settings");
  const setting = settings[name];
  const said = (key: string) => i18n.exists(key, { ns: "settings" });
  const hint = [said(`field.${name}.hint`) ? t(`field.${name}.hint` as "field.passwords-minLength.hint") : ""];
  if (setting.kind === "number") {
    const { min, max, unit } = setting;
    hint.push(t("bounds", { min, max, unit: t(`unit.${unit}`) }));
    if (setting.orNever)
      hint.push(t((said(`orNever.${name}`) ? `orNever.${name}` : "orNever.lifecycle") as "orNever.lifecycle"));
  }
  return hint.filter((h) => h !== "").join(" ");
}

/** roleOptions are all roles that may be seen, and those that are chosen in any case. */
function roleOptions(roles: ReadonlyMap<string, string>, chosen: readonly string[]) {
  return [...new Set([...roles.keys(), ...chosen])].map((id) => ({ value: id, label: roles.get(id) ?? id }));
}

function zones(chosen: string) {
  return [...new Set([chosen, ...Intl.supportedValuesOf("timeZone")])].sort().map((z) => ({ value: z, label: z }));
}
