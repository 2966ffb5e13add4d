// What draws the images: WebGL where there is some, a plain canvas where there is none.
import type { Camera, Size } from "./camera";
import type { Cloud, Colour } from "./model";

export interface ImageScene {
  cloud: Cloud;
  values: Float32Array;
  colour: Colour;
  /** 1 for points that stand out, 0 for those that step back. */
  lit: Uint8Array;
  /** Whether some points are selected, so that the others step back. */
  anyLit: boolean;
  dark: boolean;
}

export interface ImageLayer {
  readonly kind: "webgl" | "canvas";
  /** Shows a scene; `duration` milliseconds of movement when only places changed. */
  draw(scene: ImageScene, duration: number): void;
  look(camera: Camera): void;
  resize(size: Size): void;
  destroy(): void;
}

/** Diameter in pixels: smaller the more points there are. */
export function pointSize(n: number): number {
  return n <= 3000 ? 6 : n <= 30_000 ? 4 : n <= 200_000 ? 2.5 : 1.5;
}

export function pointOpacity(n: number): number {
  return n <= 3000 ? 0.75 : n <= 30_000 ? 0.55 : n <= 200_000 ? 0.3 : 0.12;
}

/** Opacity of what steps back while something is selected. */
export function dimmed(n: number): number {
  return Math.min(0.14, pointOpacity(n) * 0.3);
}

/** Slow, fast, slow. */
export function ease(t: number): number {
  return t < 0.5 ? 4 * t ** 3 : 1 - (-2 * t + 2) ** 3 / 2;
}
