// From a point's number to its colour.
import { categorical, IMAGE, RAMP, RAMP_ON_DARK, ramp, TEXT, UNKNOWN } from "../../lib/palette";
import type { Colour } from "./model";

/** Colours brighter for dark pages, where the deep blue would sink. */
const ON_DARK: Record<string, string> = { "#0072b2": "#4ea8de", "#d55e00": "#f0883e" };

function shade(colour: string, dark: boolean): string {
  return dark ? (ON_DARK[colour] ?? colour) : colour;
}

/** One colour per category, then the one for "unknown"; or the ramp of a number. */
export function colourList(colour: Colour, dark: boolean): string[] {
  if (colour.kind === "numeric") return [...(dark ? RAMP_ON_DARK : RAMP)];
  const labels = colour.labels.map((label, i) => shade(labelColour(colour, label, i), dark));
  return [...labels, UNKNOWN];
}

function labelColour(colour: Colour, label: string, i: number): string {
  if (colour.kind === "modality") return i === 0 ? IMAGE : TEXT;
  if (colour.by === "correct") return label === "right" ? "#0072b2" : "#d55e00";
  return label === "other" ? UNKNOWN : categorical(i);
}

/** The colour of one value, for canvases drawn by hand. */
export function colourOf(colour: Colour, value: number, dark: boolean): string {
  if (!Number.isFinite(value)) return UNKNOWN;
  if (colour.kind === "numeric") {
    const t = (value - colour.low) / (colour.high - colour.low || 1);
    return ramp(t, colourList(colour, dark));
  }
  return colourList(colour, dark)[value] ?? UNKNOWN;
}

/** Categories as whole numbers, "unknown" last; numbers as 0…1, "unknown" at the low end. */
export function codes(colour: Colour, values: Float32Array): Float32Array {
  const span = colour.high - colour.low || 1;
  const unknown = colour.kind === "numeric" ? 0 : colour.labels.length;
  return values.map((value) => {
    if (!Number.isFinite(value)) return unknown;
    return colour.kind === "numeric" ? (value - colour.low) / span : value;
  });
}
