// What the pointer is on: the image with its class and prediction, or the words of a text.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Bridge } from "../../lib/bridge";
import { percent } from "../../lib/format";
import { Thumbnail } from "../../lib/thumbnails";

export interface Pointed {
  kind: "image" | "text";
  id: number;
  x: number;
  y: number;
}

interface Described {
  id?: string;
  text?: string;
  class?: string | null;
  predicted?: string;
  confidence?: number;
  correct?: boolean;
  p_true?: number | null;
}

interface Props {
  bridge: Bridge;
  at: Pointed;
  width: number;
  hasImages: boolean;
}

const WAIT_MS = 70;

export function Tooltip({ bridge, at, width, hasImages }: Props): JSX.Element | null {
  const said = useSignal<Described | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    said.value = null;
    const timer = setTimeout(async () => {
      const payload = at.kind === "image" ? { row: at.id } : { text_id: at.id };
      try {
        const options = { quiet: true, signal: abort.signal };
        said.value = (await bridge.request<Described>("describe", payload, options)).payload;
      } catch {
        // the pointer has moved on
      }
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [bridge, at.kind, at.id]);
  if (!said.value) return null;
  const side = at.x > width / 2 ? { right: width - at.x + 12 } : { left: at.x + 12 };
  return (
    <div class="vd-gs-tip" role="tooltip" style={{ ...side, top: Math.max(4, at.y - 30) }}>
      {at.kind === "image" && hasImages && (
        <Thumbnail bridge={bridge} row={at.id} size={96} alt={said.value.id ?? ""} />
      )}
      {at.kind === "image" ? <ImageLines said={said.value} /> : <TextLines said={said.value} />}
    </div>
  );
}

function ImageLines({ said }: { said: Described }): JSX.Element {
  return (
    <span class="vd-state-text">
      <strong>{said.class ?? said.id}</strong>
      {said.predicted !== undefined && (
        <span class={said.correct === false ? "vd-gs-wrong" : "vd-muted"}>
          predicted {said.predicted} {percent(said.confidence)}
        </span>
      )}
      {said.class != null && <span class="vd-muted">{said.id}</span>}
    </span>
  );
}

function TextLines({ said }: { said: Described }): JSX.Element {
  return (
    <span class="vd-state-text">
      <strong>{said.text}</strong>
      {said.class != null && (
        <span class="vd-muted">
          p({said.class}) {percent(said.p_true)}
        </span>
      )}
    </span>
  );
}
