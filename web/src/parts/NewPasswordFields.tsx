import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { SecretField } from "./fields";
import { PasswordTicks } from "./PasswordTicks";

/** NewPasswordFields ask for a new password twice, with the rules that it has to keep. */
export function NewPasswordFields({ rules }: { rules: readonly Schemas["PasswordRule"][] }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const [repeat, setRepeat] = useState("");
  return (
    <>
      <SecretField
        name="newPassword"
        label={t("password.new")}
        autoComplete="new-password"
        required
        onType={setPassword}
      />
      <SecretField
        name="repeatPassword"
        label={t("password.again")}
        autoComplete="new-password"
        required
        onType={setRepeat}
      />
      {rules.length > 0 && <PasswordTicks rules={rules} password={password} repeat={repeat} />}
    </>
  );
}
