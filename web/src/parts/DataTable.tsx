/* eslint-disable jsx-a11y/no-redundant-roles, jsx-a11y/no-interactive-element-to-noninteractive-role --
   where the rows are cards, Safari would otherwise not take this for a table */
import { Table, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./DataTable.module.css";

export interface Column<T> {
  key: string;
  /** label heads the column; "" is for what can be done with the row. */
  label: string;
  cell: (row: T) => ReactNode;
}

interface DataTableProps<T> {
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** empty is said where there are no rows, with what to do about it. */
  empty: string;
}

/**
 * DataTable shows rows of anything. The first column names the row. Where the screen is narrow each row becomes a card,
 * with the columns' labels before the cells, so that nothing has to be moved sideways.
 */
export function DataTable<T>({ caption, columns, rows, rowKey, empty }: DataTableProps<T>) {
  const { t } = useTranslation();
  if (rows.length === 0) return <p>{empty}</p>;
  return (
    <Table className={classes.table} captionSide="top" role="table">
      <caption className={classes.caption}>{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((c) => (
            <th key={c.key} scope="col" role="columnheader">
              {c.label === "" ? <VisuallyHidden>{t("table.actions")}</VisuallyHidden> : c.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={rowKey(row)} role="row">
            {columns.map((c, i) => (
              <Cell key={c.key} column={c} row={row} first={i === 0} />
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Cell<T>({ column, row, first }: { column: Column<T>; row: T; first: boolean }) {
  const label = (
    <span aria-hidden="true" className={classes.label}>
      {column.label}
    </span>
  );
  if (first) {
    return (
      <th scope="row" role="rowheader">
        {column.cell(row)}
      </th>
    );
  }
  return (
    <td role="cell">
      {column.label !== "" && label}
      {column.cell(row)}
    </td>
  );
}
