import { Button, Text } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "./Dialog";
import { Form } from "./Form";
import type { Values } from "./formValues";

interface QuestionProps {
  /** button does it. */
  button: string;
  title: string;
  /** effect says plainly what will happen, and when. */
  effect: string;
  /** children are fields, where more has to be said. */
  children?: ReactNode;
  onConfirm: (values: Values) => Promise<void>;
  onClose: () => void;
  color?: string | undefined;
}

/** Question asks, above the page, before something is done that cannot simply be taken back. */
export function Question({ button, title, effect, children, onConfirm, onClose, color }: QuestionProps) {
  const { t } = useTranslation();
  return (
    <Dialog title={title} onClose={onClose}>
      <Form
        submit={button}
        color={color}
        onSubmit={async (values) => {
          await onConfirm(values);
          onClose();
        }}
        beside={
          <Button variant="default" onClick={onClose} data-autofocus={children === undefined || undefined}>
            {t("cancel")}
          </Button>
        }
      >
        <Text>{effect}</Text>
        {children}
      </Form>
    </Dialog>
  );
}

interface ConfirmProps extends Pick<QuestionProps, "button" | "title" | "effect"> {
  onConfirm: () => Promise<void>;
  color?: string;
  /** about names, for who does not see the row, what the button is for. */
  about?: string;
}

/** Confirm is a button that asks before it does what cannot be taken back. */
export function Confirm({ about, color = "red", ...question }: ConfirmProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        variant="default"
        aria-label={about ? `${question.button}: ${about}` : undefined}
        onClick={() => {
          setOpen(true);
        }}
      >
        {question.button}
      </Button>
      {open && (
        <Question
          {...question}
          color={color}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </>
  );
}
