// Colour-blind-safe colours. Keep in sync with vlmdiag_widgets/widgets/palette.py.

/** Okabe and Ito's categorical colours, without black; the yellow is darkened to be seen on white. */
export const CATEGORICAL = [
  "#0072b2",
  "#e69f00",
  "#009e73",
  "#cc79a7",
  "#56b4e9",
  "#d55e00",
  "#b8a500",
  "#8a8a8a",
] as const;

/** The one diverging pair: below and above zero. */
export const NEGATIVE = "#d55e00";
export const POSITIVE = "#0072b2";

/** Images and texts of the same space. */
export const IMAGE = "#0072b2";
export const TEXT = "#e69f00";

/** Dark to bright and even in lightness (cividis-like), for numbers from low to high. */
export const RAMP = ["#00336f", "#35456c", "#666970", "#948e77", "#c8b866", "#fde737"] as const;

/** The same for dark pages, where the deep blue would sink. */
export const RAMP_ON_DARK = [
  "#3d7cc9",
  "#6b8db8",
  "#949494",
  "#b3a985",
  "#d6c765",
  "#fdf07a",
] as const;

/** Points that carry no value. */
export const UNKNOWN = "#9e9e9e";

export function categorical(index: number): string {
  return CATEGORICAL[index % CATEGORICAL.length] as string;
}

/** Colour at `t` in 0…1 along a ramp, as "rgb(…)". */
export function ramp(t: number, colours: readonly string[] = RAMP): string {
  const at = Math.min(1, Math.max(0, t)) * (colours.length - 1);
  const i = Math.min(colours.length - 2, Math.floor(at));
  const [a, b] = [rgb(colours[i] as string), rgb(colours[i + 1] as string)];
  return `rgb(${a.map((x, k) => Math.round(x + ((b[k] as number) - x) * (at - i))).join(", ")})`;
}

/** "#0072b2" → [0, 114, 178]. */
export function rgb(hex: string): [number, number, number] {
  const n = Number.parseInt(hex.slice(1), 16);
  return [(n >> 16) & 255, (n >> 8) & 255, n & 255];
}

/** "rgb(0, 114, 178)" → "#0072b2". */
export function hex(rgb: string): string {
  const channels = (rgb.match(/\d+/g) ?? []).slice(0, 3);
  return `#${channels.map((x) => Number(x).toString(16).padStart(2, "0")).join("")}`;
}
