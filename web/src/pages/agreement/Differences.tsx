import { Text, Title, VisuallyHidden } from "@mantine/core";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { differences, type Piece } from "../../parts/differences";
import classes from "./agreement.module.css";

interface Texts {
  short: string;
  long: string;
}

/** Differences shows what two versions of the conditions of use do not have in common. */
export function Differences({ before, after }: { before: Texts; after: Texts }) {
  const { t } = useTranslation("agreement");
  const parts = (["short", "long"] as const)
    .map((part) => ({ part, pieces: differences(before[part], after[part]) }))
    .filter(({ pieces }) => pieces.some((p) => p.kind !== "same"));
  if (parts.length === 0) return <Text>{t("differences.none")}</Text>;
  return (
    <>
      <Text>{t("differences.how")}</Text>
      {parts.map(({ part, pieces }) => (
        <Fragment key={part}>
          <Title order={3}>{t(part)}</Title>
          <div className={classes.differences}>
            {pieces.map((piece, i) => (
              <Marked key={i} piece={piece} />
            ))}
          </div>
        </Fragment>
      ))}
    </>
  );
}

/** Marked is a piece of text that says also to who cannot see it what has become of it. */
function Marked({ piece: { kind, text } }: { piece: Piece }) {
  const { t } = useTranslation("agreement");
  if (kind === "same") return text;
  const Mark = kind === "gone" ? "del" : "ins";
  return (
    <Mark>
      <VisuallyHidden>{t(kind === "gone" ? "differences.gone" : "differences.new")} </VisuallyHidden>
      {text}
      <VisuallyHidden> {t("differences.end")}</VisuallyHidden>
    </Mark>
  );
}
