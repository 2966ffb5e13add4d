// One slice as a row of the grid.

import { count, counted, fixed, NONE } from "../../lib/format";
import { ScoreBar, Whisker } from "./marks";
import type { Slice, SliceData } from "./model";
import { ROW_HEIGHT } from "./virtual";
import { AGREEMENT } from "./words";

/** `.22` for 0.22: an interval reads faster without its leading zeros. */
const bare = (x: number | null) => fixed(x).replace(/^0\./, ".");

interface RowProps {
  data: SliceData;
  row: number;
  slice: Slice;
  position: number;
  active: boolean;
  selected: boolean;
  within: boolean;
  hovered: boolean;
}

function className(p: RowProps): string {
  const names = ["vd-st-row"];
  if (p.selected) names.push("vd-st-selected");
  else if (p.within) names.push("vd-st-within");
  if (p.hovered) names.push("vd-st-hovered");
  return names.join(" ");
}

function Predicted({ data, row }: { data: SliceData; row: number }) {
  const score = data.text_score[row] ?? null;
  const flagged = data.flagged[row] ?? false;
  const n = data.n_texts[row] ?? 0;
  const mixed = data.mixed_class[row] ?? false;
  const words = [
    `predicted from ${counted(n, "text")}`,
    flagged ? "flagged: below its class's mean by the margin" : "",
    mixed ? "these texts belong to more than one class; the figure is their average" : "",
  ];
  return (
    <div
      role="gridcell"
      class="vd-st-cell vd-st-predicted"
      title={words.filter(Boolean).join("\n")}
    >
      <span class={flagged ? "vd-st-figure vd-st-flag" : "vd-st-figure"}>
        {fixed(score)}
        {mixed && <sup class="vd-st-mixed">mix</sup>}
      </span>
      <ScoreBar score={score} flagged={flagged} />
    </div>
  );
}

function Observed({ data, row }: { data: SliceData; row: number }) {
  const accuracy = data.image_accuracy[row] ?? null;
  const low = data.ci_low[row] ?? null;
  const high = data.ci_high[row] ?? null;
  if (accuracy === null) {
    return (
      <div role="gridcell" class="vd-st-cell vd-st-observed">
        <span class="vd-st-only">predicted only</span>
      </div>
    );
  }
  return (
    <div role="gridcell" class="vd-st-cell vd-st-observed">
      <Whisker value={accuracy} low={low} high={high} />
      <span class="vd-st-figure">
        {fixed(accuracy)}{" "}
        <span class="vd-st-interval">
          [{bare(low)}, {bare(high)}]
        </span>
      </span>
    </div>
  );
}

export function SliceRow(p: RowProps) {
  const { data, row } = p;
  const agreement = data.agreement[row] ?? "no image";
  const mark = AGREEMENT[agreement];
  return (
    <div
      role="row"
      class={className(p)}
      style={{ top: `${p.position * ROW_HEIGHT}px` }}
      aria-rowindex={p.position + 2}
      aria-selected={p.selected}
      tabIndex={p.active ? 0 : -1}
      data-testid="slice-row"
      data-position={p.position}
      data-slice={JSON.stringify(p.slice)}
      data-selected={String(p.selected)}
      data-agreement={agreement}
    >
      {data.by.map((name) => {
        const value = data.values[name]?.[row] ?? null;
        return (
          <div role="gridcell" class="vd-st-cell vd-st-value" key={name} title={value ?? "any"}>
            {value ?? <span class="vd-st-any">any</span>}
          </div>
        );
      })}
      <Predicted data={data} row={row} />
      <Observed data={data} row={row} />
      <div role="gridcell" class="vd-st-cell vd-st-n">
        {data.n_images[row] ? count(data.n_images[row]) : NONE}
      </div>
      <div
        role="gridcell"
        class="vd-st-cell vd-st-mark"
        data-mark={agreement}
        title={mark.words}
        aria-label={mark.words}
      >
        {mark.sign}
      </div>
    </div>
  );
}
