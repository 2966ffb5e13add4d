// Which points stand out: those of the selection that all views share.
import { uint32 } from "../../lib/buffers";
import type { Selection } from "../../lib/status";
import type { Points } from "./model";
import type { Lit } from "./plot";

const EMPTY = new DataView(new ArrayBuffer(0));

/** `rows` and `texts` are the raw buffers of the selected rows and text ids. */
export function litPoints(
  points: Points,
  selection: Selection,
  rows: DataView | null,
  texts: DataView | null,
): Lit {
  const none = selection.kind === "none";
  const images = marks(points.rows, none ? EMPTY : rows);
  const words = marks(points.textIds, none ? EMPTY : texts);
  return {
    images,
    anyImage: !none,
    texts: words,
    // A lasso says nothing about texts: they then stay as they are.
    anyText: !none && words.some((mark) => mark === 1),
  };
}

function marks(ids: Uint32Array, selected: DataView | null): Uint8Array {
  const wanted = new Set(uint32(selected?.byteLength ? selected : EMPTY));
  return Uint8Array.from(ids, (id) => (wanted.has(id) ? 1 : 0));
}
