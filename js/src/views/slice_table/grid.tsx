// The virtualised grid: only the rows near the viewport (and the active one) exist in the page.

import { useEffect, useRef } from "preact/hooks";
import { Header } from "./header";
import {
  liesInside,
  type Slice,
  type SliceData,
  type SortOrder,
  sameSlice,
  sliceOf,
} from "./model";
import { SliceRow } from "./row";
import { moveBy, useGrid } from "./use_grid";
import { ROW_HEIGHT, visibleRange } from "./virtual";

interface GridProps {
  data: SliceData;
  /** Row numbers in the order shown. */
  rows: number[];
  order: SortOrder;
  selected: Slice | null;
  hovered: Slice | null;
  onSort(order: SortOrder): void;
  onSelect(slice: Slice): void;
  onHover(slice: Slice | null): void;
  onClear(): void;
}

/** The position (in the order shown) of the row that an event happened on. */
function positionOf(target: EventTarget | null): number | null {
  const row = target instanceof Element ? target.closest("[data-position]") : null;
  return row ? Number(row.getAttribute("data-position")) : null;
}

export function SliceGrid(p: GridProps) {
  const { data, rows } = p;
  const body = useRef<HTMLDivElement>(null);
  const { scrollTop, height, active, reveal, goTo } = useGrid(body);
  const count = rows.length;
  const at = Math.min(active.value, Math.max(0, count - 1));
  const sliceAt = (position: number | null): Slice | null => {
    const row = position === null ? undefined : rows[position];
    return row === undefined ? null : sliceOf(data, row);
  };

  // A slice chosen elsewhere comes into view. One chosen here is in view already, and its news
  // comes back late: by then the keys may have moved on, and must not be thrown back.
  const chosenHere = useRef<Slice | null>(null);
  const choose = (slice: Slice) => {
    chosenHere.current = slice;
    p.onSelect(slice);
  };
  useEffect(() => {
    if (sameSlice(chosenHere.current, p.selected)) return;
    chosenHere.current = null;
    const position = rows.findIndex((row) => sameSlice(sliceOf(data, row), p.selected));
    if (position < 0) return;
    active.value = position;
    reveal(position);
  }, [JSON.stringify(p.selected)]);

  const onKeyDown = (event: KeyboardEvent) => {
    const here = positionOf(event.target);
    if (here === null) return;
    const page = Math.max(1, Math.floor(height.value / ROW_HEIGHT) - 2);
    const to = moveBy(event.key, here, count, page);
    const slice = sliceAt(here);
    if (to !== null) goTo(to);
    else if ((event.key === "Enter" || event.key === " ") && slice) choose(slice);
    else if (event.key === "Escape") p.onClear();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onClick = (event: MouseEvent) => {
    const position = positionOf(event.target);
    const slice = sliceAt(position);
    if (position === null || !slice) return;
    active.value = position;
    choose(slice);
  };
  const onEnter = (event: Event) => {
    const slice = sliceAt(positionOf(event.target));
    if (slice) p.onHover(slice);
  };

  const { first, last } = visibleRange(count, scrollTop.value, height.value);
  const drawn = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
  if (count > 0 && (at < first || at >= last)) drawn.push(at);
  return (
    <div
      role="grid"
      class="vd-st-grid"
      aria-label="slices"
      aria-rowcount={count + 1}
      aria-colcount={data.by.length + 4}
      data-testid="slice-grid"
      data-more={scrollTop.value + height.value + 4 < (count + 1) * ROW_HEIGHT}
      style={{ "--vd-st-by": data.by.length, "--vd-st-row": `${ROW_HEIGHT}px` }}
      ref={body}
      onScroll={(event) => {
        scrollTop.value = event.currentTarget.scrollTop;
      }}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onMouseOver={onEnter}
      onFocus={onEnter}
      onMouseLeave={() => p.onHover(null)}
    >
      <Header by={data.by} order={p.order} onSort={p.onSort} />
      <div role="rowgroup" class="vd-st-body" style={{ height: `${count * ROW_HEIGHT}px` }}>
        {drawn.map((position) => {
          const row = rows[position] as number;
          const slice = sliceOf(data, row);
          return (
            <SliceRow
              key={row}
              data={data}
              row={row}
              slice={slice}
              position={position}
              active={position === at}
              selected={sameSlice(slice, p.selected)}
              within={liesInside(slice, p.selected)}
              hovered={liesInside(slice, p.hovered)}
            />
          );
        })}
      </div>
    </div>
  );
}
