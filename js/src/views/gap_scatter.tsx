// Images and texts in one plane: the modality gap, open or closed.
// Twin of vlmdiag_widgets/widgets/gap_scatter.py.
import {
  type ReadonlySignal,
  type Signal,
  useComputed,
  useSignal,
  useSignalEffect,
} from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Bridge } from "../lib/bridge";
import { rowsBuffer } from "../lib/buffers";
import { counted, fixed, percent } from "../lib/format";
import { Icon } from "../lib/icons";
import type { Selection } from "../lib/status";
import { defineView, type ViewProps } from "../lib/view";
import { Legend } from "./gap_scatter/legend";
import type { Mode, Points, ScatterData, Spot } from "./gap_scatter/model";
import { Plot } from "./gap_scatter/plot";
import { PointStore } from "./gap_scatter/points";
import { litPoints } from "./gap_scatter/selection";
import { Toolbar } from "./gap_scatter/toolbar";
import { type Pointed, Tooltip } from "./gap_scatter/tooltip";

const HOVER_MS = 120;

function GapScatter({ bridge, data, host }: ViewProps<ScatterData>): JSX.Element {
  const area = useRef<HTMLDivElement>(null);
  const plot = useSignal<Plot | null>(null);
  const mode = useSignal<Mode>(data.peek().mode);
  const lasso = useSignal(false);
  const pointed = useSignal<Pointed | null>(null);
  const renderer = useSignal<"webgl" | "canvas">("webgl");
  const points = usePoints(bridge, data);
  const dark = useDark(host);
  const { focus, hover } = useSpots(bridge, points);
  const say = useMemo(() => speak(bridge, points, pointed), [bridge]);

  useEffect(() => {
    if (!area.current) return;
    const made = new Plot(area.current, {
      ...say,
      lassoMode: () => lasso.peek(),
      renderer: (kind) => {
        renderer.value = kind;
      },
    });
    plot.value = made;
    return () => made.destroy();
  }, []);

  useSignalEffect(() => {
    mode.value = data.value.mode;
  });
  useSignalEffect(() => plot.value?.setDark(dark.value));
  useSignalEffect(() => plot.value?.setMode(mode.value));
  useSignalEffect(() => plot.value?.setFocus(focus.value));
  useSignalEffect(() => plot.value?.setHover(hover.value));
  useShownPoints(bridge, plot, points, mode, host);
  useSignalEffect(() => {
    Object.assign(host.dataset, {
      nImages: data.value.n_images,
      nTexts: data.value.n_texts,
      mode: mode.value,
      renderer: renderer.value,
    });
  });

  const { options, colour, explained, has_images } = data.value;
  const chooseMode = (next: Mode) => {
    mode.value = next;
    bridge.fire("edit", { gap: next });
  };
  return (
    <div class="vd-gs">
      <Toolbar
        options={options}
        colourBy={colour.by}
        mode={mode.value}
        lasso={lasso}
        onColour={(by) => bridge.fire("edit", { colour_by: by })}
        onMode={chooseMode}
        onReset={() => plot.value?.reset()}
      />
      <div class="vd-gs-plot">
        <div
          ref={area}
          class="vd-gs-surface"
          data-lasso={lasso.value}
          role="application"
          aria-label={summary(data.value, mode.value)}
        />
        <span class="vd-gs-axis vd-gs-x" title={AXIS_HELP}>
          {axis(1, explained[mode.value])}
        </span>
        <span class="vd-gs-axis vd-gs-y" title={AXIS_HELP}>
          {axis(2, explained[mode.value])}
        </span>
        {renderer.value === "canvas" && (
          <span class="vd-gs-note" role="note">
            <Icon name="info" size={12} /> drawn without WebGL
          </span>
        )}
        {pointed.value && (
          <Tooltip
            bridge={bridge}
            at={pointed.value}
            width={area.current?.clientWidth ?? 0}
            hasImages={has_images}
          />
        )}
      </div>
      <Legend colour={colour} dark={dark.value} onPick={(i) => pick(bridge, points.peek(), i)} />
      <Foot data={data.value} mode={mode.value} />
    </div>
  );
}

/** The points that `data` describes, once they are here; the former ones until then. */
function usePoints(bridge: Bridge, data: ReadonlySignal<ScatterData>): Signal<Points | null> {
  const points = useSignal<Points | null>(null);
  const store = useMemo(() => new PointStore(bridge), [bridge]);
  useEffect(() => () => store.dispose(), [store]);
  useSignalEffect(() => {
    store.load(data.value).then(
      (loaded) => {
        points.value = loaded;
      },
      () => {}, // superseded by newer data, or the kernel has gone
    );
  });
  return points;
}

function useDark(host: HTMLElement): Signal<boolean> {
  const dark = useSignal(host.classList.contains("vd-dark"));
  useEffect(() => {
    const look = () => {
      dark.value = host.classList.contains("vd-dark");
    };
    const observer = new MutationObserver(look);
    observer.observe(host, { attributes: true, attributeFilter: ["class"] });
    look();
    return () => observer.disconnect();
  }, [host]);
  return dark;
}

/** Which points the audit's focus and hover are. */
function useSpots(bridge: Bridge, points: Signal<Points | null>) {
  const focusRow = bridge.trait<number | null>("focus");
  const hovered = bridge.trait<{ row?: number; text_id?: number } | null>("hover");
  const image = (row: number | null | undefined) => spot("image", points.value?.rows, row);
  const focus = useComputed(() => image(focusRow.value));
  const hover = useComputed(
    () => image(hovered.value?.row) ?? spot("text", points.value?.textIds, hovered.value?.text_id),
  );
  return { focus, hover };
}

function spot(
  modality: Spot["modality"],
  ids: Uint32Array | undefined,
  id: number | null | undefined,
): Spot | null {
  const index = id == null ? -1 : (ids?.indexOf(id) ?? -1);
  return index < 0 ? null : { modality, index };
}

function useShownPoints(
  bridge: Bridge,
  plot: Signal<Plot | null>,
  points: Signal<Points | null>,
  mode: Signal<Mode>,
  host: HTMLElement,
): void {
  const selection = bridge.trait<Selection>("selection");
  const rows = bridge.trait<DataView | null>("selection_rows");
  const texts = bridge.trait<DataView | null>("selection_texts");
  const shown = useRef<Points | null>(null);
  useSignalEffect(() => {
    if (!plot.value || !points.value) return;
    const lit = litPoints(points.value, selection.value, rows.value, texts.value);
    if (shown.current === points.value) plot.value.setLit(lit);
    else plot.value.setPoints(points.value, mode.peek(), lit);
    shown.current = points.value;
    const selected = lit.anyImage ? lit.images.reduce((n, mark) => n + mark, 0) : 0;
    host.dataset.nSelected = String(selected);
    host.dataset.points = String(points.value.rows.length + points.value.textIds.length);
  });
}

/** What pointing, clicking and drawing a lasso say to the audit. */
function speak(bridge: Bridge, points: Signal<Points | null>, pointed: Signal<Pointed | null>) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const identify = ({ modality, index }: Spot) =>
    modality === "image"
      ? { row: points.peek()?.rows[index] }
      : { text_id: points.peek()?.textIds[index] };
  const tell = (payload: object) => {
    clearTimeout(timer);
    timer = setTimeout(() => bridge.fire("hover", payload, { quiet: true }), HOVER_MS);
  };
  return {
    hovered(at: Spot | null, x: number, y: number) {
      if (!at) {
        if (pointed.peek()) tell({});
        pointed.value = null;
        return;
      }
      const who = identify(at);
      const id = who.row ?? who.text_id;
      if (id === undefined) return;
      const before = pointed.peek();
      if (before?.kind === at.modality && before.id === id) return;
      pointed.value = { kind: at.modality, id, x, y };
      tell(who);
    },
    clicked(at: Spot | null) {
      if (!at) return;
      if (at.modality === "image") bridge.fire("focus", identify(at));
      else bridge.fire("select", { kind: "text", ...identify(at) });
    },
    lassoed(images: Uint32Array) {
      const rows = points.peek()?.rows;
      if (rows)
        selectRows(
          bridge,
          Array.from(images, (i) => rows[i] as number),
        );
    },
    cleared: () => bridge.fire("select", { kind: "clear" }),
  };
}

function selectRows(bridge: Bridge, rows: number[]): void {
  if (!rows.length) bridge.fire("select", { kind: "clear" });
  else bridge.fire("select", { kind: "rows" }, { buffers: [rowsBuffer(rows)] });
}

/** Selects the images of one category of the legend. */
function pick(bridge: Bridge, points: Points | null, category: number): void {
  if (!points) return;
  selectRows(
    bridge,
    Array.from(points.rows).filter((_, i) => points.imageValues[i] === category),
  );
}

const AXIS_HELP = [
  "Principal components of the images and of the gap; texts are placed on them,",
  "so that an edit of the texts does not turn the axes.",
  "Share of the variance of both, each modality counting the same.",
].join("\n");

function axis(k: number, shares: (number | null)[]): string {
  return `PC ${k} (${percent(shares[k - 1])} of variance)`;
}

function summary(data: ScatterData, mode: Mode): string {
  return (
    `Scatter of ${counted(data.n_images, "image")} and ${counted(data.n_texts, "text")}, ` +
    `modality gap ${mode}. Arrows move, plus and minus zoom, 0 shows all, Escape clears the selection.`
  );
}

function Foot({ data, mode }: { data: ScatterData; mode: Mode }): JSX.Element {
  const { gap } = data;
  return (
    <div class="vd-gs-foot vd-num" data-colour={data.colour.kind}>
      <span>
        <i class="vd-gs-dot" /> {counted(data.n_images, "image")}
      </span>
      <span>
        <i class="vd-gs-triangle" /> {counted(data.n_texts, "text")}
      </span>
      <span class="vd-head-slot" />
      {gap && (
        <span
          class="vd-muted"
          title={
            "Length of the gap vector: mean of images minus mean of texts on unit vectors, " +
            `per ${gap.paired ? "pair" : "class"} (n = ${gap.n}); direction = cosine of each ` +
            "to their mean (Zhang et al. 2023, DrML, Table 1)."
          }
        >
          {mode === "closed" ? "open gap" : "gap"} {fixed(gap.magnitude.mean)}
          {gap.magnitude.std != null && ` ± ${fixed(gap.magnitude.std)}`} · direction{" "}
          {fixed(gap.direction.mean)}
        </span>
      )}
    </div>
  );
}

export default defineView({ name: "gap_scatter", Component: GapScatter });
