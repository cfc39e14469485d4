import { Button, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Form } from "../../parts/Form";
import type { Values } from "../../parts/formValues";
import { KeepTyped } from "../../parts/KeepTyped";
import classes from "../../shell/Shell.module.css";

interface OperatorFormProps {
  submit: string;
  text?: string;
  onSubmit: (values: Values) => Promise<void>;
  children: ReactNode;
}

/** OperatorForm is a long form on a page of its own, with the way back; what was typed is not left behind unasked. */
export function OperatorForm({ submit, text, onSubmit, children }: OperatorFormProps) {
  const { t } = useTranslation("operator");
  return (
    <div className={classes.narrow}>
      {text !== undefined && <Text mb="md">{text}</Text>}
      <Form
        submit={submit}
        onSubmit={onSubmit}
        beside={
          <Button component={Link} to=".." relative="path" variant="default">
            {t("back")}
          </Button>
        }
      >
        {children}
        <KeepTyped />
      </Form>
    </div>
  );
}
