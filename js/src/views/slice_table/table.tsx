// SliceTable: where the model is predicted to fail, worst first, and whether images agree.

import { useComputed, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { copyText } from "../../lib/actions";
import type { Bridge } from "../../lib/bridge";
import type { Selection } from "../../lib/status";
import type { ViewProps } from "../../lib/view";

import { SliceGrid } from "./grid";
import {
  countRows,
  type Slice,
  type SliceData,
  searchRows,
  sortRows,
  toTsv,
  WORST_FIRST,
} from "./model";
import { GroupBy, SearchAndCopy } from "./toolbar";
import { AGREEMENT } from "./words";

/** The pointer rests this long on a row before the other views follow it, in milliseconds. */
const HOVER_DELAY = 60;

function useHover(bridge: Bridge) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const last = useRef("{}");
  return (slice: Slice | null) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const payload = slice ? { slice } : {};
      const text = JSON.stringify(payload);
      if (text === last.current) return;
      last.current = text;
      bridge.fire("hover", payload);
    }, HOVER_DELAY);
  };
}

export function SliceTable({ bridge, data }: ViewProps<SliceData>) {
  const query = useSignal("");
  const copied = useSignal("");
  const sortBy = bridge.trait<string>("sort_by");
  const descending = bridge.trait<boolean>("descending");
  const selection = bridge.trait<Selection>("selection");
  const hover = bridge.trait<{ slice?: Slice | null } | null | undefined>("hover");
  const onHover = useHover(bridge);

  const order = useComputed(() => {
    const column = sortBy.value ?? WORST_FIRST.column;
    return { column, descending: descending.value ?? WORST_FIRST.descending };
  });
  const found = useComputed(() => searchRows(data.value, query.value));
  const rows = useComputed(() => sortRows(data.value, found.value, order.value));

  const copy = async () => {
    await copyText(toTsv(data.value, rows.value));
    copied.value = "copied";
    setTimeout(() => {
      copied.value = "";
    }, 1500);
  };
  const slices = data.value;
  return (
    <div class="vd-st">
      <div class="vd-st-toolbar">
        <GroupBy
          options={slices.options}
          by={slices.by}
          onChange={(by) => bridge.fire("edit", { slice_by: by })}
        />
        <SearchAndCopy
          query={query.value}
          found={rows.value.length}
          total={countRows(slices)}
          copied={copied.value}
          onInput={(text) => {
            query.value = text;
          }}
          onCopy={copy}
        />
      </div>
      <SliceGrid
        data={slices}
        rows={rows.value}
        order={order.value}
        selected={selection.value?.slice ?? null}
        hovered={hover.value?.slice ?? null}
        onSort={(next) => {
          bridge.set("sort_by", next.column);
          bridge.set("descending", next.descending);
        }}
        onSelect={(slice) => bridge.fire("select", { kind: "slice", slice })}
        onHover={onHover}
        onClear={() => bridge.fire("select", { kind: "clear" })}
      />
      {rows.value.length === 0 && <p class="vd-st-empty">{emptyWords(slices, query.value)}</p>}
      <div class="vd-st-foot">
        <p class="vd-st-trust" data-testid="slice-trust">
          {slices.trust}
        </p>
        <Legend />
      </div>
    </div>
  );
}

/** The signs of the last column, by shape as well as by colour. */
function Legend() {
  return (
    <p aria-hidden="true">
      <span class="vd-st-legend-mark">
        <b>bold</b> flagged by text
      </span>
      <span class="vd-st-legend-mark">texts and images:</span>
      {(["agree", "disagree", "undecided"] as const).map((name) => (
        <span class="vd-st-legend-mark" key={name}>
          <span data-mark={name}>{AGREEMENT[name].sign}</span> {name}
        </span>
      ))}
    </p>
  );
}

function emptyWords(data: SliceData, query: string): string {
  if (countRows(data) > 0) return `no slice contains “${query}”`;
  return "no slice yet: name attributes and their values to compose texts";
}
