// What both charts share: columns for names, bars and figures, an axis, and rows that can be chosen.

import type { ComponentChildren } from "preact";
import { elide } from "./model";

export const ROW = 22;
export const AXIS = 20;
const FIGURE = 44;
const GAP = 8;

/** Pixel columns of a chart of one width: names | bars | figures. */
export interface Columns {
  width: number;
  names: number;
  left: number;
  right: number;
}

export function columnsFor(width: number): Columns {
  const names = Math.round(Math.max(70, Math.min(150, width * 0.3)));
  return {
    width,
    names,
    left: names + GAP,
    right: Math.max(names + GAP + 40, width - FIGURE - GAP),
  };
}

/** A linear scale from [low, high] to the bars' column. */
export function scaleOf(columns: Columns, low: number, high: number): (value: number) => number {
  const span = high - low || 1;
  return (value) => columns.left + ((value - low) / span) * (columns.right - columns.left);
}

interface AxisProps {
  columns: Columns;
  top: number;
  height: number;
  marks: { at: number; label: string; strong?: boolean }[];
}

export function Axis({ top, height, marks }: AxisProps) {
  return (
    <g class="vd-aw-axis">
      {marks.map((mark) => (
        <g key={mark.label}>
          <line
            class={mark.strong ? "vd-aw-zero" : "vd-aw-tick"}
            x1={mark.at}
            x2={mark.at}
            y1={top}
            y2={top + height}
          />
          <text x={mark.at} y={top + height + 13} text-anchor="middle">
            {mark.label}
          </text>
        </g>
      ))}
    </g>
  );
}

interface BarRowProps {
  columns: Columns;
  top: number;
  name: string;
  figure: string;
  about: string;
  indent?: boolean;
  className?: string;
  selected?: boolean;
  hovered?: boolean;
  tabIndex?: number;
  id?: string;
  onPick?: () => void;
  onHover?: (inside: boolean) => void;
  children?: ComponentChildren;
}

/** One row: name, drawing, figure. It is a button when it can be picked. */
export function BarRow(p: BarRowProps) {
  const states = ["vd-aw-row", p.className ?? ""];
  if (p.onPick) states.push("vd-aw-can");
  if (p.selected) states.push("vd-aw-selected");
  if (p.hovered) states.push("vd-aw-hovered");
  const place = {
    class: states.filter(Boolean).join(" "),
    transform: `translate(0 ${p.top})`,
    "aria-label": p.about,
  };
  if (!p.onPick) {
    return (
      <g {...place}>
        <RowInside {...p} />
      </g>
    );
  }
  return (
    <g
      role="button"
      {...place}
      tabIndex={p.tabIndex}
      aria-pressed={Boolean(p.selected)}
      data-testid="influence-bar"
      data-id={p.id}
      onClick={p.onPick}
      onMouseEnter={() => p.onHover?.(true)}
      onMouseLeave={() => p.onHover?.(false)}
      onFocus={() => p.onHover?.(true)}
      onBlur={() => p.onHover?.(false)}
    >
      <RowInside {...p} />
    </g>
  );
}

function RowInside(p: BarRowProps) {
  const { columns } = p;
  const start = p.indent ? 12 : 2;
  return (
    <>
      <title>{p.about}</title>
      <rect class="vd-aw-back" x={0} y={0} width={columns.width} height={ROW} rx={3} />
      <text class="vd-aw-name" x={start} y={ROW / 2} dy="0.35em">
        {elide(p.name, columns.names - start)}
      </text>
      {p.children}
      <text class="vd-aw-figure" x={columns.width - 4} y={ROW / 2} dy="0.35em" text-anchor="end">
        {p.figure}
      </text>
    </>
  );
}

/** A bar between two places, with square ends so that sums meet. */
export function Bar({ from, to, kind }: { from: number; to: number; kind: string }) {
  const width = Math.max(1, Math.abs(to - from));
  return (
    <rect
      class={`vd-aw-bar vd-aw-${kind}`}
      x={Math.min(from, to)}
      y={4}
      width={width}
      height={ROW - 8}
      rx={1.5}
    />
  );
}
