import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "./Dialog";
import { Form } from "./Form";

interface ConfirmProps {
  /** button is what is clicked first, and what the dialog's own button says. */
  button: string;
  title: string;
  /** effect says plainly what will happen, and when. */
  effect: string;
  onConfirm: () => Promise<void>;
  color?: string;
  /** about names, for who does not see the row, what the button is for. */
  about?: string;
}

/** Confirm is a button that asks before it does what cannot be taken back. */
export function Confirm({ button, title, effect, onConfirm, color = "red", about }: ConfirmProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const close = () => {
    setOpen(false);
  };
  return (
    <>
      <Button
        variant="default"
        aria-label={about ? `${button}: ${about}` : undefined}
        onClick={() => {
          setOpen(true);
        }}
      >
        {button}
      </Button>
      {open && (
        <Dialog title={title} onClose={close}>
          <Form
            submit={button}
            color={color}
            onSubmit={async () => {
              await onConfirm();
              close();
            }}
            beside={
              <Button variant="default" onClick={close} data-autofocus>
                {t("cancel")}
              </Button>
            }
          >
            <Text>{effect}</Text>
          </Form>
        </Dialog>
      )}
    </>
  );
}
