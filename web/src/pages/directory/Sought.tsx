import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import classes from "../../shell/Shell.module.css";

interface SoughtProps {
  name: string;
  label: string;
  hint: string;
  value: string;
  /** of is what stays in the address. */
  of: Record<string, string>;
}

/** Sought asks for the beginning of a name, and keeps it in the address. */
export function Sought({ name, label, hint, value, of }: SoughtProps) {
  const { t } = useTranslation("directory");
  const [, ask] = useSearchParams();
  return (
    <search className={classes.narrow}>
      <Form
        submit={t("submit")}
        onSubmit={(values) => {
          const typed = (values[name] ?? "").trim();
          ask({ ...of, ...(typed === "" ? {} : { [name]: typed }) });
          return Promise.resolve();
        }}
      >
        <TextField
          key={value}
          name={name}
          label={label}
          description={hint}
          defaultValue={value}
          type="search"
          autoComplete="off"
          maxLength={100}
        />
      </Form>
    </search>
  );
}
