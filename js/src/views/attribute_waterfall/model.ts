// The waterfall's data as it arrives from Python, and the pure functions that lay it out.
// Keep in sync with vlmdiag_widgets/widgets/attribute_waterfall.py.

export interface ValueInfluence {
  attribute: string;
  value: string;
  /** Shapley value averaged over the texts that carry the value. */
  influence: number;
  /** Mean probability with the value minus that with the attribute absent. */
  difference: number | null;
  n_texts: number;
}

export interface Part {
  attribute: string;
  value: string | null;
  n_values: number;
  influence: number;
}

/** One text, or the average over the texts of a slice: base + parts = prediction. */
export interface Detail {
  label: string;
  n_texts: number;
  base: number;
  prediction: number;
  /** `value` is null where the texts of the slice have several, `n_values` of them. */
  parts: Part[];
  /** The view that made the selection. */
  source: string;
}

export interface WaterfallData {
  target_class: string;
  classes: string[];
  base: number;
  n_texts: number;
  attributes: { attribute: string; influence: number }[];
  values: ValueInfluence[];
  detail: Detail | null;
}

/** Bars shown before "show all". */
export const TOP = 12;

/** The `count` strongest values, whichever their sign. */
export function strongest(values: ValueInfluence[], count: number): ValueInfluence[] {
  const byStrength = (a: ValueInfluence, b: ValueInfluence) =>
    Math.abs(b.influence) - Math.abs(a.influence);
  return [...values].sort(byStrength).slice(0, count);
}

export interface Group {
  attribute: string;
  influence: number;
  values: ValueInfluence[];
}

/** Values under their attribute; the strongest attribute and the strongest value come first. */
export function grouped(data: WaterfallData, values: ValueInfluence[]): Group[] {
  return data.attributes
    .map(({ attribute, influence }) => ({
      attribute,
      influence,
      values: values.filter((value) => value.attribute === attribute),
    }))
    .filter((group) => group.values.length > 0)
    .sort((a, b) => b.influence - a.influence);
}

const NICE = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1];

/** The smallest round number that no bar exceeds, and at least 0.05. */
export function niceLimit(influences: number[]): number {
  const most = Math.max(0.05, ...influences.map(Math.abs));
  const candidates = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1];
  return candidates.find((limit) => limit >= most - 1e-9) ?? 1;
}

/** Evenly spaced round ticks over [low, high], at most `most` of them. */
export function ticks(low: number, high: number, most: number): number[] {
  const step = NICE.find((size) => (high - low) / size <= Math.max(1, most - 1)) ?? 1;
  const found: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9; i++) {
    found.push(Number((i * step).toFixed(6)));
  }
  return found;
}

export interface Step extends Part {
  from: number;
  to: number;
}

/** The running sum of a waterfall: each bar starts where the last one ended. */
export function steps(detail: Detail): Step[] {
  let at = detail.base;
  return detail.parts.map((part) => {
    const step = { ...part, from: at, to: at + part.influence };
    at = step.to;
    return step;
  });
}

/** A name cut to fit `room` pixels at about `perCharacter` pixels each. */
export function elide(name: string, room: number, perCharacter = 6.1): string {
  const fits = Math.max(3, Math.floor(room / perCharacter));
  const letters = [...name];
  return letters.length <= fits ? name : `${letters.slice(0, fits - 1).join("")}…`;
}
