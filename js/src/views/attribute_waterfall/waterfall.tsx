// AttributeWaterfall: which attribute values raise or lower the probability of a class, and by how much.

import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { ClassSelect } from "../../lib/class_select";
import { Icon } from "../../lib/icons";
import type { Selection } from "../../lib/status";
import type { ViewProps } from "../../lib/view";
import { ClassTable, DetailTable } from "./as_table";
import { ClassChart } from "./class_chart";
import { DetailChart } from "./detail_chart";
import { TOP, type WaterfallData } from "./model";
import { INFLUENCE_HELP, source } from "./words";

type Slice = Record<string, string>;

/** The width of an element, followed as the page re-flows. */
function useWidth(ref: RefObject<HTMLElement | null>): Signal<number> {
  const width = useSignal(340);
  useEffect(() => {
    const element = ref.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => {
      width.value = Math.max(200, element.clientWidth || 340);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref, width]);
  return width;
}

/** Arrow keys walk over the bars; Enter and Space pick one. */
function onKeyDown(event: KeyboardEvent) {
  const here = event.target instanceof Element ? event.target.closest('[role="button"]') : null;
  if (!here || !(event.currentTarget instanceof Element)) return;
  const bars = [...event.currentTarget.querySelectorAll<SVGElement>('[role="button"]')];
  const at = bars.indexOf(here as SVGElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: bars.length - 1 }[event.key];
  if (to !== undefined) bars[Math.max(0, Math.min(bars.length - 1, to))]?.focus();
  else if (event.key === "Enter" || event.key === " ")
    here.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  else return;
  event.preventDefault();
  event.stopPropagation();
}

type Level = "class" | "selection";

interface ToolbarProps {
  data: WaterfallData;
  level: Level;
  onLevel(level: Level): void;
  onClass(name: string): void;
}

function Toolbar({ data, level, onLevel, onClass }: ToolbarProps) {
  return (
    <div class="vd-aw-toolbar">
      <label class="vd-aw-class">
        class{" "}
        <ClassSelect
          classes={data.classes}
          value={data.target_class}
          testid="target-class"
          onPick={onClass}
        />
      </label>
      {data.detail && (
        <span class="vd-segmented">
          {(["selection", "class"] as const).map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={level === name}
              onClick={() => onLevel(name)}
            >
              {name === "class" ? "all values" : "selection"}
            </button>
          ))}
        </span>
      )}
    </div>
  );
}

export function AttributeWaterfall({ bridge, data }: ViewProps<WaterfallData>) {
  const body = useRef<HTMLDivElement>(null);
  const width = useWidth(body);
  const chosen = useSignal<Level | null>(null);
  const asTable = useSignal(false);
  const all = useSignal(false);
  const selection = bridge.trait<Selection>("selection");
  const hover = bridge.trait<{ slice?: Slice | null } | null | undefined>("hover");
  const found = data.value;
  // A value picked in this very chart stays lit in it; what was picked elsewhere is explained.
  const level =
    chosen.value ?? (found.detail?.source === "attribute_waterfall" ? "class" : "selection");
  const detail = level === "selection" ? found.detail : null;
  useEffect(() => {
    chosen.value = null;
  }, [found.detail?.label]);
  const pick = (slice: Slice) => bridge.fire("select", { kind: "slice", slice });
  const more = found.values.length - TOP;
  return (
    <div class="vd-aw">
      <Toolbar
        data={found}
        level={level}
        onLevel={(to) => {
          chosen.value = to;
        }}
        onClass={(name) => bridge.fire("edit", { target_class: name })}
      />
      <div class="vd-aw-leadrow">
        <p class="vd-aw-lead" title={INFLUENCE_HELP}>
          {detail ? detail.label : `what moves p(${found.target_class})`}
        </p>
        <button
          type="button"
          class="vd-button vd-button-icon vd-aw-astable"
          aria-label="show as table"
          title={asTable.value ? "show the chart" : "show the figures as a table"}
          aria-pressed={asTable.value}
          onClick={() => {
            asTable.value = !asTable.value;
          }}
        >
          <Icon name={asTable.value ? "picture" : "data"} size={14} />
        </button>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys bubble up from the bars */}
      <div
        class="vd-aw-body"
        ref={body}
        data-testid="waterfall"
        data-level={detail ? "selection" : "class"}
        onKeyDown={onKeyDown}
      >
        {asTable.value && (detail ? <DetailTable detail={detail} /> : <ClassTable data={found} />)}
        {!asTable.value && detail && (
          <DetailChart
            detail={detail}
            targetClass={found.target_class}
            width={width.value}
            onPick={pick}
          />
        )}
        {!asTable.value && !detail && (
          <ClassChart
            data={found}
            width={width.value}
            count={all.value ? found.values.length : TOP}
            selected={selection.value?.slice ?? null}
            hovered={hover.value?.slice ?? null}
            onPick={pick}
            onHover={(slice) => bridge.fire("hover", slice ? { slice } : {})}
          />
        )}
      </div>
      <div class="vd-aw-foot">
        {!detail && !asTable.value && more > 0 && (
          <button
            type="button"
            class="vd-button vd-button-text"
            onClick={() => {
              all.value = !all.value;
            }}
          >
            {all.value ? `strongest ${TOP}` : `show all ${found.values.length}`}
          </button>
        )}
        <span class="vd-aw-source" title="no image was looked at">
          {source(detail?.n_texts ?? found.n_texts)}
        </span>
      </div>
    </div>
  );
}
