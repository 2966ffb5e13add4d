// Where the model looks: the focused image under its instant preview map.
import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Bridge } from "../lib/bridge";
import { ClassSelect } from "../lib/class_select";
import { fixed } from "../lib/format";
import { dataUrl } from "../lib/thumbnails";
import { defineView } from "../lib/view";
import { Controls } from "./saliency_overlay/controls";
import type { CellMap } from "./saliency_overlay/heatmap";
import { type Fit, type Look, Picture } from "./saliency_overlay/picture";

/** What Python says about the focused image; keep in sync with widgets/saliency_overlay.py. */
export interface SaliencyData {
  /** Why no map can be made at all ("" when one can). */
  reason: string;
  classes: string[];
  /** The class that is explained. */
  target: string;
  /** The class that was asked for; null: whatever is predicted. */
  chosen: string | null;
  item: Item | null;
  map: CellMap | null;
  signal: boolean;
  method: string;
  milliseconds: number | null;
  /** Which part of an image reaches the model. */
  fit: Fit;
}

interface Item {
  row: number;
  id: string;
  label: string | null;
  predicted: string | null;
  p_target: number | null;
}

interface Props {
  bridge: Bridge;
  data: ReadonlySignal<SaliencyData>;
}

/** Pixels along the shortest side of the image that is asked for. */
const PICTURE_SIZE = 512;

export function SaliencyOverlay({ bridge, data }: Props) {
  // The focus is known before its map: the image changes at once, the map follows.
  const row = bridge.trait<number | null>("focus").value;
  const { reason } = data.value;
  return (
    <div class="vd-sal">
      {row === null ? (
        <Nothing bridge={bridge} reason={reason} />
      ) : (
        <Focused bridge={bridge} data={data.value} row={row} />
      )}
      {reason && row !== null && (
        <p class="vd-sal-aside" data-testid="saliency-reason">
          {reason}
        </p>
      )}
    </div>
  );
}

function Nothing({ bridge, reason }: { bridge: Bridge; reason: string }) {
  return (
    <div class="vd-state vd-sal-empty" data-testid="saliency-empty">
      <svg viewBox="0 0 48 32" width="56" aria-hidden="true">
        <path d="M2 16C10 4 38 4 46 16C38 28 10 28 2 16Z" />
        <circle cx="24" cy="16" r="7" />
      </svg>
      {reason ? (
        <span data-testid="saliency-reason">{reason}</span>
      ) : (
        <>
          <span>Click an image anywhere to see which parts of it the score is sensitive to.</span>
          <button
            type="button"
            class="vd-button"
            data-testid="saliency-hardest"
            onClick={() => bridge.fire("hardest")}
          >
            Show the hardest image
          </button>
        </>
      )}
    </div>
  );
}

interface FocusedProps {
  bridge: Bridge;
  data: SaliencyData;
  row: number;
}

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };

function Focused({ bridge, data, row }: FocusedProps) {
  const [look, setLook] = useState<Look>({ mode: "overlay", opacity: 0.8, threshold: 0.1 });
  const [stepped, setStepped] = useState({ row: -1, place: "" });
  const picture = usePicture(bridge, row);
  const current = data.item?.row === row ? data : null;
  const map = current?.signal && picture?.row === row ? current.map : null;
  const step = async (by: number) => {
    try {
      setStepped((await bridge.request<typeof stepped>("step", { by })).payload);
    } catch {
      // shown by the frame
    }
  };
  return (
    <>
      <figure
        class="vd-sal-figure"
        data-testid="saliency-figure"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys walk through the images
        tabIndex={0}
        title="Arrow keys: previous, next image of the selection"
        aria-label={`${describe(current?.item ?? null, row)}. Arrow keys: previous, next image.`}
        onKeyDown={(e) => {
          const by = STEPS[e.key];
          if (!by) return;
          e.preventDefault();
          e.stopPropagation();
          step(by);
        }}
      >
        {picture?.url ? (
          <Picture url={picture.url} fit={data.fit} map={map} look={look} />
        ) : (
          <div class="vd-sal-frame vd-sal-waiting" role="status">
            {picture?.error ?? "Loading the image…"}
          </div>
        )}
      </figure>
      <Facts
        item={current?.item ?? null}
        target={data.target}
        step={step}
        place={stepped.row === row ? stepped.place : ""}
      />
      {!data.reason && (
        <>
          <Why bridge={bridge} data={data} />
          {map && <Controls look={look} onLook={setLook} />}
          <Caption data={current} />
        </>
      )}
    </>
  );
}

function describe(item: Item | null, row: number): string {
  if (!item) return `image ${row}`;
  return `${item.id}: ${item.label ?? "no label"}, predicted ${item.predicted ?? "nothing"}`;
}

interface Fetched {
  row: number;
  url: string;
  error: string | null;
}

/** The focused image; the one before stays until it is there. */
function usePicture(bridge: Bridge, row: number): Fetched | null {
  const [picture, setPicture] = useState<Fetched | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const options = { signal: abort.signal, quiet: true };
    bridge
      .request<{ mime: string }>("image", { row, size: PICTURE_SIZE }, options)
      .then(({ payload, buffers }) => {
        const url = buffers[0] ? dataUrl(buffers[0], payload.mime) : "";
        setPicture({ row, url, error: url ? null : "The image is empty." });
      })
      .catch((error) => {
        if (!abort.signal.aborted) setPicture({ row, url: "", error: String(error.message) });
      });
    return () => abort.abort();
  }, [bridge, row]);
  return picture;
}

interface FactsProps {
  item: Item | null;
  target: string;
  place: string;
  step: (by: number) => void;
}

/** Label → prediction with its probability, the id, and the way to the neighbours. */
function Facts({ item, target, place, step }: FactsProps) {
  const wrong = item?.label != null && item.predicted !== null && item.label !== item.predicted;
  return (
    <div class="vd-sal-facts">
      <Step words="previous image" sign="‹" onStep={() => step(-1)} />
      <div class="vd-sal-words" data-testid="saliency-facts">
        {item && (
          <>
            <span>
              {item.label ?? "no label"}
              <span class="vd-muted"> → </span>
              <strong class={wrong ? "vd-sal-wrong" : ""}>{item.predicted ?? "–"}</strong>
              {wrong && <span class="vd-sal-badge">wrong</span>}
            </span>
            <span class="vd-sal-small">
              p({target}) = <b>{fixed(item.p_target)}</b>
            </span>
            <span class="vd-sal-small">
              <span class="vd-sal-id">{item.id}</span>
              {place && ` · ${place}`}
            </span>
          </>
        )}
      </div>
      <Step words="next image" sign="›" onStep={() => step(1)} />
    </div>
  );
}

function Step({ words, sign, onStep }: { words: string; sign: string; onStep: () => void }) {
  return (
    <button
      type="button"
      class="vd-button vd-button-icon vd-sal-step"
      aria-label={words}
      title={words}
      onClick={onStep}
    >
      {sign}
    </button>
  );
}

function Why({ bridge, data }: { bridge: Bridge; data: SaliencyData }) {
  const predicted = data.item?.predicted;
  return (
    <label class="vd-sal-why">
      Why
      <ClassSelect
        classes={data.classes}
        value={data.chosen ?? ""}
        testid="saliency-target"
        onPick={(name) => bridge.fire("target", { class: name || null })}
      >
        <option value="">{predicted ? `${predicted} (predicted)` : "predicted"}</option>
      </ClassSelect>
      ?
    </label>
  );
}

function Caption({ data }: { data: SaliencyData | null }) {
  const words = useMemo(() => (data?.map ? caption(data) : ""), [data]);
  if (!data?.map) {
    return (
      <p class="vd-sal-caption" role="status">
        Computing the map…
      </p>
    );
  }
  if (!data.signal) {
    return (
      <p class="vd-sal-aside" data-testid="saliency-nosignal">
        <strong>No signal.</strong> The score of “{data.target}” does not react to any part of this
        image, so no map is drawn.
      </p>
    );
  }
  return (
    <p class="vd-sal-caption" data-testid="saliency-caption" title={HOW}>
      {words} Shows where the score is sensitive; not proof.
    </p>
  );
}

const HOW =
  "One forward pass, and the gradient of the score at a late layer; cells with more evidence are brighter. A perturbation test tells more and takes longer.";

function caption({ method, map, milliseconds }: SaliencyData): string {
  const cost = milliseconds === null ? "" : `, ${fixed(milliseconds, 0)} ms`;
  return `${method}, ${map?.rows}×${map?.cols} cells${cost}.`;
}

export default defineView<SaliencyData>({
  name: "saliency_overlay",
  className: "vd-saliency-overlay",
  Component: SaliencyOverlay,
});
