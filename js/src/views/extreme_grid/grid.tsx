// ExtremeGrid: the images on either end of the failure direction.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { rowsBuffer } from "../../lib/buffers";
import type { ViewProps } from "../../lib/view";
import { GridItem } from "./item";
import { type ExtremeData, moveInGrid, PAGE, rowsBetween } from "./model";
import { StrengthLine, Toolbar } from "./toolbar";

/** Columns of the laid-out grid, counted from what the browser placed in the first line. */
function columnsOf(grid: HTMLElement): number {
  const items = [...grid.querySelectorAll<HTMLElement>("[data-index]")];
  const top = items[0]?.offsetTop;
  const columns = items.findIndex((item) => item.offsetTop !== top);
  return columns > 0 ? columns : Math.max(1, items.length);
}

const indexOf = (target: EventTarget | null): number | null => {
  const item = target instanceof Element ? target.closest("[data-index]") : null;
  const index = item?.getAttribute("data-index");
  return index ? Number(index) : null;
};

export function ExtremeGrid({ bridge, data }: ViewProps<ExtremeData>) {
  const found = data.value;
  const grid = useRef<HTMLDivElement>(null);
  const active = useSignal(0);
  const marked = useSignal<ReadonlySet<number>>(new Set());
  const anchor = useRef(0);
  const focus = bridge.trait<number | null>("focus");
  const shown = bridge.trait<number>("shown");
  const { items } = found;
  const at = Math.min(active.value, Math.max(0, items.length - 1));

  // Marks belong to the images that were on show when they were set.
  const scope = `${found.target_class}\n${found.order}\n${found.selection}`;
  useEffect(() => {
    marked.value = new Set();
    active.value = 0;
  }, [scope]);

  const selectRows = (rows: number[]) =>
    bridge.fire("select", { kind: "rows" }, { buffers: [rowsBuffer(rows)] });

  const onClick = (event: MouseEvent) => {
    const index = indexOf(event.target);
    const item = index === null ? undefined : items[index];
    if (index === null || !item) return;
    active.value = index;
    if (event.shiftKey) {
      marked.value = new Set(rowsBetween(items, anchor.current, index));
    } else if (event.ctrlKey || event.metaKey) {
      const next = new Set(marked.value);
      if (!next.delete(item.row)) next.add(item.row);
      marked.value = next;
      anchor.current = index;
    } else {
      anchor.current = index;
      bridge.fire("focus", { row: item.row });
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const index = indexOf(event.target);
    if (index === null || !grid.current) return;
    const to = moveInGrid(event.key, index, items.length, columnsOf(grid.current));
    if (to !== null) {
      active.value = to;
      grid.current.querySelector<HTMLElement>(`[data-index="${to}"]`)?.focus();
    } else if (event.key === "Escape" && marked.value.size > 0) marked.value = new Set();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const weak = found.direction.strength?.reliable === false;
  const greyed = weak && found.order !== "confidence";
  return (
    <div class="vd-eg">
      <Toolbar
        data={found}
        onClass={(name) => {
          if (found.has_selection && !found.whole_class) bridge.set("whole_class", true);
          bridge.fire("edit", { target_class: name });
        }}
        onOrder={(order) => bridge.set("order", order)}
        onScope={(whole) => bridge.set("whole_class", whole)}
      />
      <StrengthLine
        direction={found.direction}
        order={found.order}
        onConfidence={() => bridge.set("order", "confidence")}
      />
      {found.selection && <p class="vd-eg-selection">{found.selection}</p>}
      <div
        class={greyed ? "vd-eg-grid vd-eg-greyed" : "vd-eg-grid"}
        role="group"
        aria-label={`${found.order} images`}
        data-testid="extreme-grid"
        ref={grid}
        onClick={onClick}
        onDblClick={(event) => {
          const item = items[indexOf(event.target) ?? -1];
          if (item) selectRows([item.row]);
        }}
        onKeyDown={onKeyDown}
      >
        {items.map((item, index) => (
          <GridItem
            key={item.row}
            bridge={bridge}
            item={item}
            index={index}
            active={index === at}
            focused={focus.value === item.row}
            marked={marked.value.has(item.row)}
          />
        ))}
      </div>
      {items.length === 0 && <p class="vd-eg-empty">no image of this class to show</p>}
      <div class="vd-eg-foot">
        <span data-testid="extreme-count">
          {items.length} of {found.total}
        </span>
        {items.length < found.total && (
          <button
            type="button"
            class="vd-button"
            onClick={() => bridge.set("shown", (shown.value ?? PAGE) + PAGE)}
          >
            more
          </button>
        )}
        <span class="vd-eg-spring" />
        {marked.value.size > 0 && (
          <button
            type="button"
            class="vd-button"
            data-testid="extreme-select"
            onClick={() => selectRows([...marked.value])}
          >
            select {marked.value.size} marked
          </button>
        )}
        {marked.value.size === 0 && items.length > 0 && (
          <button
            type="button"
            class="vd-button"
            title="select every image on show; Ctrl-click marks single ones"
            data-testid="extreme-select"
            onClick={() => selectRows(items.map((item) => item.row))}
          >
            select these {items.length}
          </button>
        )}
      </div>
    </div>
  );
}
