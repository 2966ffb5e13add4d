// What the kernel says about the scatter. Keep in sync with vlmdiag_widgets/widgets/gap_scatter.py.

export type Mode = "open" | "closed";

export interface Colour {
  by: string;
  kind: "modality" | "categorical" | "numeric";
  labels: string[];
  low: number;
  high: number;
}

export interface Figure {
  mean: number | null;
  std: number | null;
}

export interface ArrayInfo {
  key: string;
  bytes: number;
}

export interface ScatterData {
  n_images: number;
  n_texts: number;
  mode: Mode;
  explained: Record<Mode, (number | null)[]>;
  gap: {
    magnitude: Figure;
    direction: Figure;
    orthogonality: Figure;
    paired: boolean;
    n: number;
  } | null;
  colour: Colour;
  options: string[];
  arrays: Record<string, ArrayInfo>;
  has_images: boolean;
}

/** Points of one mode, brought into -1…1 by one scale for both axes. */
export interface Cloud {
  images: Float32Array;
  texts: Float32Array;
  /** Half width and half height of what is occupied; the larger is 1. */
  half: [number, number];
}

export interface Points {
  open: Cloud;
  closed: Cloud;
  rows: Uint32Array;
  textIds: Uint32Array;
  imageValues: Float32Array;
  textValues: Float32Array;
  colour: Colour;
}

/** What the pointer, or the focus, is on: an index into the points of one modality. */
export interface Spot {
  modality: "image" | "text";
  index: number;
}

/** Puts raw coordinates of both modalities into -1…1, keeping the ratio of the axes. */
export function normalise(images: Float32Array, texts: Float32Array): Cloud {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (const side of [images, texts]) {
    for (let i = 0; i < side.length; i++) {
      const x = side[i] as number;
      const axis = i % 2;
      if (x < (low[axis] as number)) low[axis] = x;
      if (x > (high[axis] as number)) high[axis] = x;
    }
  }
  const [cx, cy] = [0, 1].map((a) => ((low[a] as number) + (high[a] as number)) / 2 || 0);
  const [hx, hy] = [0, 1].map((a) => ((high[a] as number) - (low[a] as number)) / 2 || 0);
  const half = Math.max(hx as number, hy as number) || 1;
  const scaled = (side: Float32Array) =>
    side.map((x, i) => (x - ((i % 2 ? cy : cx) as number)) / half);
  return {
    images: scaled(images),
    texts: scaled(texts),
    half: [Math.max((hx as number) / half, 0.05), Math.max((hy as number) / half, 0.05)],
  };
}
