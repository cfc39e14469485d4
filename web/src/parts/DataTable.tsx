/* eslint-disable jsx-a11y/no-redundant-roles, jsx-a11y/no-interactive-element-to-noninteractive-role --
   where the rows are cards, Safari would otherwise not take this for a table */
import { Checkbox, Table, VisuallyHidden } from "@mantine/core";
import { useEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import classes from "./DataTable.module.css";

export interface Column<T> {
  key: string;
  /** label heads the column; "" is for what can be done with the row. */
  label: string;
  cell: (row: T) => ReactNode;
  /** order is how the rows are sorted by this column at present, and sorts them by it; none: that cannot be. */
  order?: { now: "ascending" | "descending" | "none"; onSort: () => void } | undefined;
}

/** Ticking is for doing something with several rows. */
interface Ticking<T> {
  ticked: ReadonlySet<string>;
  label: (row: T) => string;
  onTick: (row: T, on: boolean) => void;
}

interface DataTableProps<T> {
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** empty is said where there are no rows, with what to do about it. */
  empty: ReactNode;
  ticking?: Ticking<T> | undefined;
  /** wide is for many columns: the rows are cards until there is room for all of them. */
  wide?: boolean;
}

/**
 * DataTable shows rows of anything. The first column names the row. Where the screen is narrow each row becomes a card,
 * with the columns' labels before the cells, so that nothing has to be moved sideways.
 */
export function DataTable<T>({ caption, columns, rows, rowKey, empty, ticking, wide = false }: DataTableProps<T>) {
  const { t } = useTranslation();
  const around = useRef<HTMLDivElement>(null);
  const sideways = useSideways(around, rows.length > 0);
  if (rows.length === 0) return typeof empty === "string" ? <p>{empty}</p> : empty;
  return (
    <div
      ref={around}
      className={classes.around}
      {...(sideways && { role: "group", "aria-label": caption, tabIndex: 0 })}
    >
      <Table className={classes.table} data-wide={wide || undefined} captionSide="top" role="table">
        <caption className={classes.caption}>{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {ticking && (
              <th scope="col" role="columnheader">
                <VisuallyHidden>{t("table.tick")}</VisuallyHidden>
              </th>
            )}
            {columns.map((c) => (
              <th
                key={c.key}
                scope="col"
                role="columnheader"
                aria-sort={c.order?.now}
                data-actions={c.label === "" || undefined}
              >
                <Heading column={c} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={rowKey(row)} role="row" data-ticked={ticking?.ticked.has(rowKey(row)) || undefined}>
              {ticking && (
                <td role="cell" className={classes.tick}>
                  <Checkbox
                    aria-label={ticking.label(row)}
                    checked={ticking.ticked.has(rowKey(row))}
                    onChange={(event) => {
                      ticking.onTick(row, event.currentTarget.checked);
                    }}
                  />
                </td>
              )}
              {columns.map((c, i) => (
                <Cell key={c.key} column={c} row={row} first={i === 0} />
              ))}
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

/** useSideways tells whether a table is wider than there is room, so that the keyboard has to reach it to move it. */
function useSideways(around: RefObject<HTMLDivElement | null>, there: boolean): boolean {
  const [sideways, setSideways] = useState(false);
  useEffect(() => {
    const element = around.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => {
      setSideways(element.scrollWidth > element.clientWidth);
    });
    observer.observe(element);
    if (element.firstElementChild) observer.observe(element.firstElementChild);
    return () => {
      observer.disconnect();
    };
  }, [around, there]);
  return sideways;
}

const arrows = { ascending: "▲", descending: "▼", none: "↕" } as const;

function Heading<T>({ column: { label, order } }: { column: Column<T> }) {
  const { t } = useTranslation();
  if (label === "") return <VisuallyHidden>{t("table.actions")}</VisuallyHidden>;
  if (!order) return label;
  return (
    <>
      <button type="button" className={classes.sort} onClick={order.onSort}>
        {label}
        <span aria-hidden="true">{`\u00a0${arrows[order.now]}`}</span>
      </button>
      <span className={classes.plain}>{label}</span>
    </>
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
    <td role="cell" data-actions={column.label === "" || undefined}>
      {column.label !== "" && label}
      {column.cell(row)}
    </td>
  );
}
