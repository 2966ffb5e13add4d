// The grid's data as it arrives from Python, and the pure functions around it.
// Keep in sync with vlmdiag_widgets/widgets/extreme_grid.py.

export type Order = "hardest" | "easiest" | "near" | "confidence";
export const ORDERS: Order[] = ["hardest", "easiest", "near", "confidence"];

export interface Item {
  row: number;
  id: string;
  class: string;
  predicted: string;
  confidence: number;
  correct: boolean;
  /** Signed distance to the failure direction's plane: above 0 is easy. Null without a direction. */
  decision: number | null;
}

export interface Strength {
  /** Empty where several classes are on show. */
  class: string;
  reliable: boolean;
  /** The figures in words, ready to show. */
  line: string;
  /** The verdict alone: "no reliable direction". */
  message: string;
  /** What to keep in mind beside it. */
  warnings: string[];
}

/** Whether there is a direction to order by. */
export interface DirectionState {
  state: "ready" | "fitting" | "none";
  /** In words: that it is being fitted, or why there is none. */
  note: string;
  strength: Strength | null;
}

export interface ExtremeData {
  target_class: string;
  classes: string[];
  /** The order the items are in; by confidence where no direction is there to order by. */
  order: Order;
  direction: DirectionState;
  items: Item[];
  total: number;
  /** The selection's words when the grid shows it, else "". */
  selection: string;
  /** True when there is a selection to show. */
  has_selection: boolean;
  whole_class: boolean;
}

/** Images asked for at a time. */
export const PAGE = 24;

/** Where a key moves in a grid of `columns`, or null when the key does not move. */
export function moveInGrid(key: string, at: number, count: number, columns: number): number | null {
  const steps: Record<string, number> = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    ArrowDown: at + columns,
    ArrowUp: at - columns,
    Home: 0,
    End: count - 1,
  };
  const to = steps[key];
  if (to === undefined) return null;
  return to < 0 || to >= count ? at : to;
}

/** The rows between two items, both included, in the grid's order. */
export function rowsBetween(items: Item[], from: number, to: number): number[] {
  return items.slice(Math.min(from, to), Math.max(from, to) + 1).map((item) => item.row);
}
