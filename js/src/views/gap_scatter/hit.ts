// Finds points by place: the nearest one, and those inside a drawn outline.

/** Points sorted into the cells of a grid, so that a million can be asked at pointer speed. */
export class Grid {
  readonly #points: Float32Array;
  readonly #side: number;
  /** Point numbers, cell by cell, and where each cell starts. */
  readonly #order: Uint32Array;
  readonly #starts: Uint32Array;

  /** `points` holds x, y pairs in about -1…1; what lies outside counts to the border cells. */
  constructor(points: Float32Array) {
    const n = points.length / 2;
    this.#points = points;
    this.#side = Math.max(1, Math.min(1024, Math.ceil(Math.sqrt(n / 2))));
    this.#starts = new Uint32Array(this.#side * this.#side + 1);
    this.#order = new Uint32Array(n);
    for (let i = 0; i < n; i++) this.#bump(this.#cellOf(i) + 1);
    for (let c = 1; c < this.#starts.length; c++) this.#bump(c, this.#starts[c - 1]);
    const next = this.#starts.slice();
    for (let i = 0; i < n; i++) {
      const cell = this.#cellOf(i);
      this.#order[next[cell] as number] = i;
      next[cell] = (next[cell] as number) + 1;
    }
  }

  /** The point nearest to (x, y) within `radius`, or -1. */
  nearest(x: number, y: number, radius: number): number {
    let best = -1;
    let bestSquare = radius * radius;
    this.#visit(x - radius, y - radius, x + radius, y + radius, (i) => {
      const dx = (this.#points[2 * i] as number) - x;
      const dy = (this.#points[2 * i + 1] as number) - y;
      const square = dx * dx + dy * dy;
      if (square > bestSquare) return;
      bestSquare = square;
      best = i;
    });
    return best;
  }

  /** All points inside a polygon of x, y pairs (even-odd rule), in rising order. */
  inside(polygon: ArrayLike<number>): Uint32Array {
    const found: number[] = [];
    const [x0, y0, x1, y1] = bounds(polygon);
    this.#visit(x0, y0, x1, y1, (i) => {
      if (isInside(polygon, this.#points[2 * i] as number, this.#points[2 * i + 1] as number)) {
        found.push(i);
      }
    });
    return Uint32Array.from(found).sort();
  }

  #visit(x0: number, y0: number, x1: number, y1: number, fn: (i: number) => void): void {
    const [c0, r0, c1, r1] = [this.#at(x0), this.#at(y0), this.#at(x1), this.#at(y1)];
    for (let row = r0; row <= r1; row++) {
      const from = this.#starts[row * this.#side + c0] as number;
      const to = this.#starts[row * this.#side + c1 + 1] as number;
      for (let k = from; k < to; k++) fn(this.#order[k] as number);
    }
  }

  #cellOf(i: number): number {
    const [x, y] = [this.#points[2 * i] as number, this.#points[2 * i + 1] as number];
    return this.#at(y) * this.#side + this.#at(x);
  }

  #at(x: number): number {
    const cell = Math.floor(((x + 1) / 2) * this.#side);
    return Math.min(this.#side - 1, Math.max(0, cell || 0));
  }

  #bump(cell: number, by = 1): void {
    this.#starts[cell] = (this.#starts[cell] as number) + by;
  }
}

export function isInside(polygon: ArrayLike<number>, x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2) {
    const [xi, yi] = [polygon[i] as number, polygon[i + 1] as number];
    const [xj, yj] = [polygon[j] as number, polygon[j + 1] as number];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

function bounds(polygon: ArrayLike<number>): [number, number, number, number] {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < polygon.length; i += 2) {
    const [x, y] = [polygon[i] as number, polygon[i + 1] as number];
    [x0, x1] = [Math.min(x0, x), Math.max(x1, x)];
    [y0, y1] = [Math.min(y0, y), Math.max(y1, y)];
  }
  return [x0, y0, x1, y1];
}
