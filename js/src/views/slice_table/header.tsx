// The sticky header: one button a column, and the order it stands for.

import type { SortOrder } from "./model";
import { HELP } from "./words";

interface Column {
  key: string;
  label: string;
  note?: string;
  help: string;
  className: string;
}

const FIGURES: Column[] = [
  {
    key: "text_score",
    label: "predicted",
    note: "from text",
    help: HELP.text_score,
    className: "vd-st-predicted",
  },
  {
    key: "image_accuracy",
    label: "image acc.",
    note: "95 % interval",
    help: HELP.image_accuracy,
    className: "vd-st-observed",
  },
  { key: "n_images", label: "n", help: HELP.n_images, className: "vd-st-n" },
  { key: "agreement", label: "≈", help: HELP.agreement, className: "vd-st-mark" },
];

function columnsOf(by: string[]): Column[] {
  const values = by.map((name) => ({
    key: name,
    label: name,
    help: `sort by ${name}`,
    className: "vd-st-value",
  }));
  return [...values, ...FIGURES];
}

/** A click on another column sorts it ascending; on the same one, turns it round. */
export function nextOrder(order: SortOrder, column: string): SortOrder {
  return { column, descending: order.column === column ? !order.descending : false };
}

interface HeaderProps {
  by: string[];
  order: SortOrder;
  onSort(order: SortOrder): void;
}

export function Header({ by, order, onSort }: HeaderProps) {
  return (
    <div role="row" class="vd-st-header" aria-rowindex={1}>
      {columnsOf(by).map((column) => {
        const sorted = order.column === column.key;
        const direction = order.descending ? "descending" : "ascending";
        return (
          <div
            key={column.key}
            role="columnheader"
            class={`vd-st-cell ${column.className}`}
            aria-sort={sorted ? direction : "none"}
          >
            <button
              type="button"
              title={column.help}
              aria-label={column.key === "agreement" ? "agreement of texts and images" : undefined}
              data-testid="slice-sort"
              data-column={column.key}
              onClick={() => onSort(nextOrder(order, column.key))}
            >
              <span class="vd-st-label">{column.label}</span>
              {column.note && <span class="vd-st-note">{column.note}</span>}
              <span class="vd-st-arrow" aria-hidden="true">
                {sorted ? (order.descending ? "▴" : "▾") : ""}
              </span>
            </button>
          </div>
        );
      })}
    </div>
  );
}
