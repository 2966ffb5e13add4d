// The plot itself: layers, camera, movement and search, without any user interface around it.
import { between, type Camera, fitted, pan, type Size, toScreen, toWorld, zoom } from "./camera";
import { CanvasLayer } from "./canvas2d";
import { attachGestures } from "./gestures";
import { Grid } from "./hit";
import { ease, type ImageLayer } from "./layer";
import type { Cloud, Mode, Points, Spot } from "./model";
import { paintOverlay } from "./overlay";
import { WebglLayer } from "./webgl";

export interface PlotEvents {
  hovered(spot: Spot | null, x: number, y: number): void;
  clicked(spot: Spot | null): void;
  /** Indices of the images inside a finished lasso. */
  lassoed(images: Uint32Array): void;
  cleared(): void;
  lassoMode(): boolean;
  /** What draws the images now. */
  renderer(kind: ImageLayer["kind"]): void;
}

export interface Lit {
  images: Uint8Array;
  anyImage: boolean;
  texts: Uint8Array;
  anyText: boolean;
}

const REACH = 9;
const MOVE_MS = 700;

export class Plot {
  readonly #host: HTMLElement;
  readonly #overlay = document.createElement("canvas");
  readonly #events: PlotEvents;
  readonly #stops: (() => void)[] = [];
  #canvas = document.createElement("canvas");
  #layer: ImageLayer;
  #size: Size;
  #camera: Camera = { x: 0, y: 0, scale: 100 };
  /** Whether the user has panned or zoomed since the view was last fitted. */
  #moved = false;
  #points: Points | null = null;
  #mode: Mode = "open";
  #lit: Lit = {
    images: new Uint8Array(),
    anyImage: false,
    texts: new Uint8Array(),
    anyText: false,
  };
  #dark = false;
  #focus: Spot | null = null;
  #hover: Spot | null = null;
  #lasso: number[] | null = null;
  #grids = new Map<Float32Array, Grid>();
  /** Movement of texts and camera under way: from where, since when. */
  #moving: { texts: Float32Array; camera: Camera; since: number } | null = null;
  #frame = 0;

  constructor(host: HTMLElement, events: PlotEvents, useWebgl = true) {
    this.#host = host;
    this.#events = events;
    this.#size = measure(host);
    this.#canvas.className = "vd-gs-images";
    this.#canvas.dataset.testid = "gap-scatter-canvas";
    this.#overlay.className = "vd-gs-overlay";
    this.#overlay.dataset.testid = "gap-scatter-overlay";
    host.tabIndex = 0; // moved and zoomed by keys
    host.append(this.#canvas, this.#overlay);
    this.#layer = this.#makeLayer(useWebgl);
    this.#resizeOverlay();
    this.#stops.push(attachGestures(host, this.#gestures()));
    if (typeof ResizeObserver !== "undefined") {
      const observer = new ResizeObserver(() => this.#resized());
      observer.observe(host);
      this.#stops.push(() => observer.disconnect());
    }
  }

  setPoints(points: Points, mode: Mode, lit: Lit): void {
    const before = this.#cloud();
    this.#points = points;
    this.#mode = mode;
    this.#lit = lit;
    this.#grids.clear();
    this.#show(before);
  }

  setMode(mode: Mode): void {
    if (mode === this.#mode) return;
    const before = this.#cloud();
    this.#mode = mode;
    this.#show(before);
  }

  setLit(lit: Lit): void {
    this.#lit = lit;
    this.#drawImages(0);
    this.#ask();
  }

  setDark(dark: boolean): void {
    this.#dark = dark;
    this.#drawImages(0);
    this.#ask();
  }

  setFocus(spot: Spot | null): void {
    this.#focus = spot;
    this.#ask();
  }

  setHover(spot: Spot | null): void {
    this.#hover = spot;
    this.#ask();
  }

  reset(): void {
    const cloud = this.#cloud();
    this.#moved = false;
    if (cloud) this.#look(fitted(cloud.half, this.#size));
  }

  zoomBy(factor: number): void {
    this.#userLooks(
      zoom(this.#camera, this.#size, factor, this.#size.width / 2, this.#size.height / 2),
    );
  }

  destroy(): void {
    for (const stop of this.#stops.splice(0)) stop();
    cancelAnimationFrame(this.#frame);
    this.#layer.destroy();
    this.#canvas.remove();
    this.#overlay.remove();
  }

  /** Where a point is drawn, in pixels of the plot. */
  place(spot: Spot): [number, number] | null {
    const at = this.#world(spot);
    return at && toScreen(this.#camera, this.#size, ...at);
  }

  #makeLayer(useWebgl: boolean): ImageLayer {
    let layer: ImageLayer | null = null;
    if (useWebgl) {
      try {
        layer = new WebglLayer(this.#canvas, this.#size, () => this.#loseWebgl());
      } catch {
        this.#freshCanvas();
      }
    }
    layer ??= new CanvasLayer(this.#canvas, this.#size);
    this.#events.renderer(layer.kind);
    return layer;
  }

  #freshCanvas(): void {
    const fresh = this.#canvas.cloneNode() as HTMLCanvasElement;
    this.#canvas.replaceWith(fresh);
    this.#canvas = fresh;
  }

  #loseWebgl(): void {
    this.#layer.destroy();
    this.#freshCanvas();
    this.#layer = this.#makeLayer(false);
    this.#layer.look(this.#camera);
    this.#drawImages(0);
  }

  #gestures() {
    return {
      pan: (dx: number, dy: number) => this.#userLooks(pan(this.#camera, dx, dy)),
      zoom: (factor: number, x: number, y: number) =>
        this.#userLooks(zoom(this.#camera, this.#size, factor, x, y)),
      reset: () => this.reset(),
      hover: (x: number, y: number) => this.#events.hovered(this.#spotAt(x, y), x, y),
      leave: () => this.#events.hovered(null, 0, 0),
      click: (x: number, y: number) => this.#events.clicked(this.#spotAt(x, y)),
      lasso: (corners: number[] | null, done: boolean) => this.#drawLasso(corners, done),
      clear: () => this.#events.cleared(),
      lassoMode: () => this.#events.lassoMode(),
    };
  }

  #drawLasso(corners: number[] | null, done: boolean): void {
    this.#lasso = done ? null : corners;
    this.#ask();
    const cloud = this.#cloud();
    if (!done || !corners || !cloud) return;
    const world: number[] = [];
    for (let i = 0; i < corners.length; i += 2) {
      const [x, y] = [corners[i] as number, corners[i + 1] as number];
      world.push(...toWorld(this.#camera, this.#size, x, y));
    }
    this.#events.lassoed(this.#grid(cloud.images).inside(world));
  }

  #spotAt(px: number, py: number): Spot | null {
    const cloud = this.#cloud();
    if (!cloud) return null;
    const [x, y] = toWorld(this.#camera, this.#size, px, py);
    const reach = REACH / this.#camera.scale;
    const text = this.#grid(cloud.texts).nearest(x, y, reach);
    if (text >= 0) return { modality: "text", index: text };
    const image = this.#grid(cloud.images).nearest(x, y, reach);
    return image >= 0 ? { modality: "image", index: image } : null;
  }

  #grid(points: Float32Array): Grid {
    const grid = this.#grids.get(points) ?? new Grid(points);
    this.#grids.set(points, grid);
    return grid;
  }

  #cloud(): Cloud | null {
    return this.#points?.[this.#mode] ?? null;
  }

  #world(spot: Spot | null): [number, number] | null {
    const cloud = this.#cloud();
    if (!spot || !cloud) return null;
    const side = spot.modality === "image" ? cloud.images : cloud.texts;
    const [x, y] = [side[2 * spot.index], side[2 * spot.index + 1]];
    return x === undefined || y === undefined ? null : [x, y];
  }

  /** Draws the present cloud, moving from the one `before` where points are still the same. */
  #show(before: Cloud | null): void {
    const cloud = this.#cloud();
    if (!cloud) return;
    const moves = before && before.images.length === cloud.images.length && before !== cloud;
    const changed = moves && before.images.some((x, i) => x !== cloud.images[i]);
    const duration = changed && !wantsStillness() ? MOVE_MS : 0;
    const sameTexts = before?.texts.length === cloud.texts.length;
    this.#moving = duration
      ? {
          texts: sameTexts && before ? before.texts : cloud.texts,
          camera: this.#camera,
          since: performance.now(),
        }
      : null;
    this.#drawImages(duration);
    if (!this.#moved && !this.#moving) this.#look(fitted(cloud.half, this.#size));
    this.#ask();
  }

  #drawImages(duration: number): void {
    const cloud = this.#cloud();
    if (!cloud || !this.#points) return;
    const { imageValues: values, colour } = this.#points;
    const { images: lit, anyImage: anyLit } = this.#lit;
    this.#layer.draw({ cloud, values, colour, lit, anyLit, dark: this.#dark }, duration);
  }

  #userLooks(camera: Camera): void {
    this.#moved = true;
    this.#look(camera);
  }

  #look(camera: Camera): void {
    this.#camera = camera;
    this.#layer.look(camera);
    this.#ask();
  }

  #ask(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#paint());
  }

  #paint(): void {
    const cloud = this.#cloud();
    if (!cloud || !this.#points) return;
    const texts = this.#step(cloud);
    const scene = {
      texts,
      values: this.#points.textValues,
      colour: this.#points.colour,
      lit: this.#lit.texts,
      anyLit: this.#lit.anyText,
      dark: this.#dark,
      focus: this.#moving ? null : this.#world(this.#focus),
      hover: this.#moving ? null : this.#world(this.#hover),
      lasso: this.#lasso,
    };
    paintOverlay(this.#overlay, this.#size, this.#camera, scene, inks(this.#host));
  }

  /** Moves texts and camera one frame on; returns where the texts are now. */
  #step(cloud: Cloud): Float32Array {
    const moving = this.#moving;
    if (!moving) return cloud.texts;
    const t = Math.min(1, (performance.now() - moving.since) / MOVE_MS);
    if (!this.#moved) {
      this.#camera = between(moving.camera, fitted(cloud.half, this.#size), ease(t));
      this.#layer.look(this.#camera);
    }
    if (t >= 1) this.#moving = null;
    this.#ask();
    const { texts } = moving;
    return cloud.texts.map((x, i) => (texts[i] as number) + (x - (texts[i] as number)) * ease(t));
  }

  #resized(): void {
    const size = measure(this.#host);
    if (size.width === this.#size.width && size.height === this.#size.height) return;
    this.#size = size;
    this.#layer.resize(size);
    this.#resizeOverlay();
    const cloud = this.#cloud();
    if (cloud) this.#look(this.#moved ? this.#camera : fitted(cloud.half, size));
  }

  #resizeOverlay(): void {
    const ratio = globalThis.devicePixelRatio || 1;
    this.#overlay.width = Math.round(this.#size.width * ratio);
    this.#overlay.height = Math.round(this.#size.height * ratio);
  }
}

function measure(host: HTMLElement): Size {
  return { width: Math.max(host.clientWidth, 40), height: Math.max(host.clientHeight, 40) };
}

function inks(host: HTMLElement) {
  const style = getComputedStyle(host);
  const value = (name: string) => style.getPropertyValue(name).trim() || "#888888";
  return { paper: value("--vd-bg"), ink: value("--vd-fg"), accent: value("--vd-accent") };
}

function wantsStillness(): boolean {
  return globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
}
