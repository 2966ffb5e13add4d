// The table's data as it arrives from Python, and the pure functions that sort, search and copy it.
// Keep in sync with vlmdiag_widgets/widgets/slice_table.py.

export type Agreement = "agree" | "disagree" | "undecided" | "no image" | "no text";

/** A slice as {attribute: value}. */
export type Slice = Record<string, string>;

/** One array per column, so that 10^5 slices stay small on the wire. */
export interface SliceData {
  /** The attributes that make a slice, in the order of their columns. */
  by: string[];
  /** Every column the slices can be grouped by. */
  options: string[];
  values: Record<string, (string | null)[]>;
  text_score: (number | null)[];
  n_texts: number[];
  image_accuracy: (number | null)[];
  ci_low: (number | null)[];
  ci_high: (number | null)[];
  n_images: number[];
  flagged: boolean[];
  agreement: Agreement[];
  mixed_class: boolean[];
  trust: string;
}

export interface SortOrder {
  column: string;
  descending: boolean;
}

export const WORST_FIRST: SortOrder = { column: "text_score", descending: false };

const AGREEMENT_RANK: Record<Agreement, number> = {
  disagree: 0,
  undecided: 1,
  agree: 2,
  "no image": 3,
  "no text": 4,
};

export function countRows(data: SliceData): number {
  return data.text_score.length;
}

/** The slice of one row as {attribute: value}, without the attributes it leaves open. */
export function sliceOf(data: SliceData, row: number): Slice {
  const slice: Slice = {};
  for (const name of data.by) {
    const value = data.values[name]?.[row];
    if (value !== null && value !== undefined) slice[name] = value;
  }
  return slice;
}

export function sameSlice(a: Slice | null | undefined, b: Slice | null | undefined): boolean {
  if (!a || !b) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** True when `inner` says everything that `outer` says: mallard × ocean lies inside ocean. */
export function liesInside(inner: Slice, outer: Slice | null | undefined): boolean {
  if (!outer) return false;
  const names = Object.keys(outer);
  return names.length > 0 && names.every((name) => inner[name] === outer[name]);
}

type Key = (row: number) => string | number | null;

function keyOf(data: SliceData, column: string): Key {
  switch (column) {
    case "text_score":
      return (row) => data.text_score[row] ?? null;
    case "image_accuracy":
      return (row) => data.image_accuracy[row] ?? null;
    case "n_images":
      return (row) => data.n_images[row] ?? null;
    case "n_texts":
      return (row) => data.n_texts[row] ?? null;
    case "agreement":
      return (row) => AGREEMENT_RANK[data.agreement[row] ?? "no image"];
    default: {
      const values = data.values[column];
      return (row) => values?.[row] ?? null;
    }
  }
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

function compare(a: string | number, b: string | number): number {
  return typeof a === "number" && typeof b === "number"
    ? a - b
    : collator.compare(String(a), String(b));
}

/** Row numbers in the wanted order: stable, and what is missing always comes last. */
export function sortRows(data: SliceData, rows: number[], order: SortOrder): number[] {
  const key = keyOf(data, order.column);
  const sign = order.descending ? -1 : 1;
  const keyed = rows.map((row) => ({ row, key: key(row) }));
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) {
      return Number(a.key === null) - Number(b.key === null) || a.row - b.row;
    }
    return sign * compare(a.key, b.key) || a.row - b.row;
  });
  return keyed.map((entry) => entry.row);
}

/** Rows whose values contain every word of the query, in any column. */
export function searchRows(data: SliceData, query: string): number[] {
  const rows = Array.from({ length: countRows(data) }, (_, row) => row);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  const columns = data.by.map((name) => data.values[name] ?? []);
  return rows.filter((row) => {
    const text = columns.map((values) => (values[row] ?? "").toLowerCase()).join(" ");
    return words.every((word) => text.includes(word));
  });
}

/** The rows as tab-separated text, with a header that says which figures are predictions. */
export function toTsv(data: SliceData, rows: number[]): string {
  const clean = (value: unknown) => String(value ?? "").replace(/[\t\r\n]+/g, " ");
  const head = [
    ...data.by,
    "predicted_from_text",
    "n_texts",
    "image_accuracy",
    "ci_low",
    "ci_high",
    "n_images",
    "agreement",
  ];
  const body = rows.map((row) => [
    ...data.by.map((name) => data.values[name]?.[row]),
    data.text_score[row],
    data.n_texts[row],
    data.image_accuracy[row],
    data.ci_low[row],
    data.ci_high[row],
    data.n_images[row],
    data.agreement[row],
  ]);
  return [head, ...body].map((line) => line.map(clean).join("\t")).join("\n");
}
