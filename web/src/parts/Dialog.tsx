import { Title } from "@mantine/core";
import { useId, useLayoutEffect, useRef, type ReactNode } from "react";
import classes from "./Dialog.module.css";

interface DialogProps {
  title: string;
  /** onClose is for the key Escape; every dialog has a button for it too. */
  onClose: () => void;
  children: ReactNode;
}

/**
 * Dialog asks one thing above the page, which waits for the answer. It is the browser's own, which keeps the focus inside and
 * gives it back afterwards.
 */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // A dialog gives the focus back only while it is still in the page, and so before the page is without it.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    return () => {
      element?.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={classes.dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <Title order={2} id={id} mb="md">
        {title}
      </Title>
      {children}
    </dialog>
  );
}
