import { Fragment } from "react";

/** Address is a mail address that, where it does not fit in one line, goes on in the next at a dot or before the @. */
export function Address({ of }: { of: string }) {
  const pieces = of.match(/@?[^@.]*\.?/g) ?? [];
  return pieces.map((piece, i) => (
    <Fragment key={i}>
      {i > 0 && <wbr />}
      {piece}
    </Fragment>
  ));
}
