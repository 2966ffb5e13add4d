// Where one looks: the point in the middle, and how many pixels one unit is.

export interface Camera {
  x: number;
  y: number;
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

const PADDING = 28;

/** The camera that shows everything within `half` of the origin. */
export function fitted(half: [number, number], { width, height }: Size): Camera {
  const free = (pixels: number) => Math.max(pixels - 2 * PADDING, 10);
  const scale = Math.min(free(width) / (2 * half[0]), free(height) / (2 * half[1]));
  return { x: 0, y: 0, scale };
}

export function toScreen(
  camera: Camera,
  { width, height }: Size,
  x: number,
  y: number,
): [number, number] {
  return [width / 2 + (x - camera.x) * camera.scale, height / 2 - (y - camera.y) * camera.scale];
}

export function toWorld(
  camera: Camera,
  { width, height }: Size,
  px: number,
  py: number,
): [number, number] {
  return [camera.x + (px - width / 2) / camera.scale, camera.y - (py - height / 2) / camera.scale];
}

/** Moves what is seen by pixels. */
export function pan(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x - dx / camera.scale, y: camera.y + dy / camera.scale };
}

/** Zooms so that what is at (px, py) stays there. */
export function zoom(camera: Camera, size: Size, factor: number, px: number, py: number): Camera {
  const scale = Math.min(Math.max(camera.scale * factor, 8), 1e6);
  const [x, y] = toWorld(camera, size, px, py);
  const ratio = camera.scale / scale;
  return { x: x + (camera.x - x) * ratio, y: y + (camera.y - y) * ratio, scale };
}

/** A camera between two others, for a moving view. */
export function between(a: Camera, b: Camera, t: number): Camera {
  const mix = (from: number, to: number) => from + (to - from) * t;
  return { x: mix(a.x, b.x), y: mix(a.y, b.y), scale: a.scale * (b.scale / a.scale) ** t };
}

/** The same view as the 4 × 4 matrix (by columns) of a plot whose height spans -1…1. */
export function matrix(camera: Camera, { height }: Size): Float32Array {
  const k = (2 * camera.scale) / height;
  // biome-ignore format: a matrix reads by its columns
  return new Float32Array([
    k, 0, 0, 0,
    0, k, 0, 0,
    0, 0, 1, 0,
    -camera.x * k, -camera.y * k, 0, 1,
  ]);
}
