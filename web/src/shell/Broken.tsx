import { Button, Text } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "../parts/Page";
import classes from "./Shell.module.css";

interface BrokenProps {
  /** at is the address; at another one the page is tried again. */
  at: string;
  children: ReactNode;
}

interface BrokenState {
  at: string;
  failed: boolean;
}

/** Broken shows, in the place of a page that failed, what to do; above all where its file is of a version that is gone. */
export class Broken extends Component<BrokenProps, BrokenState> {
  override state: BrokenState = { at: this.props.at, failed: false };

  static getDerivedStateFromError(): Partial<BrokenState> {
    return { failed: true };
  }

  static getDerivedStateFromProps(props: BrokenProps, state: BrokenState): BrokenState | null {
    return props.at === state.at ? null : { at: props.at, failed: false };
  }

  override render(): ReactNode {
    return this.state.failed ? <LoadAgain /> : this.props.children;
  }
}

function LoadAgain() {
  const { t } = useTranslation();
  return (
    <main className={classes.main}>
      <Page title={t("broken.title")}>
        <Text>{t("broken.text")}</Text>
        <div>
          <Button
            onClick={() => {
              location.reload();
            }}
          >
            {t("broken.reload")}
          </Button>
        </div>
      </Page>
    </main>
  );
}
