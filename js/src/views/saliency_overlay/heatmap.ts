// A map of cells as coloured pixels: bilinear upsampling and a colour map made for it.

/** The cells of a map, row by row, non-negative. */
export interface CellMap {
  rows: number;
  cols: number;
  values: ArrayLike<number>;
}

type Lab = [lightness: number, a: number, b: number];
type Rgb = [red: number, green: number, blue: number];

/**
 * The way through OKLCh (lightness, chroma, hue in degrees) from no evidence to most.
 * Lightness only rises, so the order survives every kind of colour blindness and a grey print.
 */
const PATH: [number, number, number][] = [
  [0.26, 0.1, 285],
  [0.42, 0.17, 310],
  [0.58, 0.19, 360],
  [0.74, 0.17, 415],
  [0.94, 0.13, 465],
];

const SHADES = 256;

/** Over how large a share the map fades in above the threshold. */
const SOFT_EDGE = 0.08;

/** The largest value of a map; 0 for a map without any evidence. */
export function peak(map: CellMap): number {
  let top = 0;
  for (let i = 0; i < map.values.length; i++) top = Math.max(top, map.values[i] ?? 0);
  return top;
}

/**
 * Upsample the cells to `width` × `height` pixels, as shares of the map's peak.
 * Only the peak scales it, never the range, so a flat map stays flat.
 */
export function upsample(map: CellMap, width: number, height: number): Float32Array {
  const out = new Float32Array(width * height);
  const top = peak(map);
  if (top <= 0) return out;
  for (let y = 0; y < height; y++) {
    const [row, nextRow, down] = between(y, height, map.rows);
    for (let x = 0; x < width; x++) {
      const [col, nextCol, right] = between(x, width, map.cols);
      const upper = mix(at(map, row, col), at(map, row, nextCol), right);
      const lower = mix(at(map, nextRow, col), at(map, nextRow, nextCol), right);
      out[y * width + x] = mix(upper, lower, down) / top;
    }
  }
  return out;
}

/** The two cells a pixel's centre lies between, and how far along it is. */
function between(pixel: number, pixels: number, cells: number): [number, number, number] {
  const place = Math.min(Math.max(((pixel + 0.5) * cells) / pixels - 0.5, 0), cells - 1);
  const low = Math.floor(place);
  return [low, Math.min(low + 1, cells - 1), place - low];
}

function at(map: CellMap, row: number, col: number): number {
  return map.values[row * map.cols + col] ?? 0;
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/** 256 shades, three bytes each, at equal steps of perceived difference (OKLab). */
export function colourTable(): Uint8ClampedArray {
  const points = resample(densePath(), SHADES);
  const table = new Uint8ClampedArray(SHADES * 3);
  points.forEach((lab, i) => {
    table.set(
      toRgb(lab).map((c) => Math.round(255 * c)),
      i * 3,
    );
  });
  return table;
}

function densePath(): Lab[] {
  const dense: Lab[] = [];
  const steps = 200;
  for (let leg = 0; leg + 1 < PATH.length; leg++) {
    const [from, to] = [PATH[leg], PATH[leg + 1]];
    if (!from || !to) continue;
    for (let i = 0; i < steps; i++) {
      const share = i / (steps - 1);
      const hue = (mix(from[2], to[2], share) * Math.PI) / 180;
      const chroma = mix(from[1], to[1], share);
      dense.push([mix(from[0], to[0], share), chroma * Math.cos(hue), chroma * Math.sin(hue)]);
    }
  }
  return dense;
}

/** `count` points at equal distances along a polyline. */
function resample(line: Lab[], count: number): Lab[] {
  const reached = [0];
  for (let i = 1; i < line.length; i++) {
    reached.push((reached[i - 1] ?? 0) + distance(line[i - 1] as Lab, line[i] as Lab));
  }
  const total = reached[reached.length - 1] ?? 0;
  const out: Lab[] = [];
  let leg = 0;
  for (let i = 0; i < count; i++) {
    const goal = (total * i) / (count - 1);
    while (leg + 2 < line.length && (reached[leg + 1] ?? 0) < goal) leg++;
    const [from, to] = [line[leg] as Lab, line[leg + 1] as Lab];
    const length = (reached[leg + 1] ?? 0) - (reached[leg] ?? 0);
    const share = length > 0 ? (goal - (reached[leg] ?? 0)) / length : 0;
    out.push([mix(from[0], to[0], share), mix(from[1], to[1], share), mix(from[2], to[2], share)]);
  }
  return out;
}

function distance(p: Lab, q: Lab): number {
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

/** OKLab to sRGB in 0…1, clipped (Ottosson 2020, "A perceptual color space"). */
function toRgb([lightness, a, b]: Lab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    gamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function gamma(linear: number): number {
  const c = Math.min(Math.max(linear, 0), 1);
  return c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055;
}

/** How the shares become pixels. */
export interface Paint {
  /** Opacity of the strongest evidence, 0…1. */
  opacity: number;
  /** Shares of the peak below this are left clear, 0…1. */
  threshold: number;
  /** Even opacity everywhere (for the map on its own) instead of one that follows the share. */
  solid?: boolean;
}

/** Colour the shares: RGBA bytes, row by row. */
export function paint(
  shares: Float32Array,
  table: Uint8ClampedArray,
  { opacity, threshold, solid = false }: Paint,
): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(new ArrayBuffer(shares.length * 4));
  for (let i = 0; i < shares.length; i++) {
    const share = shares[i] ?? 0;
    const shade = 3 * Math.round(share * (SHADES - 1));
    out[4 * i] = table[shade] ?? 0;
    out[4 * i + 1] = table[shade + 1] ?? 0;
    out[4 * i + 2] = table[shade + 2] ?? 0;
    out[4 * i + 3] = 255 * (solid ? 1 : opacity * Math.sqrt(share) * over(share, threshold));
  }
  return out;
}

/** 0 at the threshold and below, 1 a little above it: a hard edge would look like a finding. */
function over(share: number, threshold: number): number {
  const way = Math.min(Math.max((share - threshold) / SOFT_EDGE, 0), 1);
  return threshold === 0 ? 1 : way * way * (3 - 2 * way);
}

/** The colour map as a CSS gradient, for the legend. */
export function gradient(table: Uint8ClampedArray, stops = 12): string {
  const colours = Array.from({ length: stops }, (_, i) => {
    const shade = 3 * Math.round((i * (SHADES - 1)) / (stops - 1));
    return `rgb(${table[shade]},${table[shade + 1]},${table[shade + 2]})`;
  });
  return `linear-gradient(90deg, ${colours.join(", ")})`;
}
