import { useTranslation } from "react-i18next";
import { TextField } from "../../parts/fields";
import type { Values } from "../../parts/formValues";

/** PersonFields ask who is to become an administrator; prefix is where the person stands in the request. */
export function PersonFields({ prefix = "", preset }: { prefix?: string; preset: string }) {
  const { t } = useTranslation("operator");
  return (
    <>
      <TextField name={`${prefix}givenName`} label={t("person.givenName")} required autoComplete="off" />
      <TextField name={`${prefix}familyName`} label={t("person.familyName")} required autoComplete="off" />
      <TextField
        name={`${prefix}email`}
        label={t("person.email")}
        description={t("person.emailHint")}
        type="email"
        required
        autoComplete="off"
      />
      {preset === "school-intranet" && ( // the one where usernames are chosen
        <TextField
          name={`${prefix}username`}
          label={t("person.username")}
          description={t("person.usernameHint")}
          required
          autoComplete="off"
        />
      )}
    </>
  );
}

/** personOf is what was typed there. */
export function personOf(values: Values, prefix = "") {
  const username = values[`${prefix}username`];
  return {
    givenName: values[`${prefix}givenName`] ?? "",
    familyName: values[`${prefix}familyName`] ?? "",
    email: values[`${prefix}email`] ?? "",
    ...(username === undefined ? {} : { username }),
  };
}
