// Images drawn on a plain canvas: slower, but everywhere.
import { type Camera, type Size, toScreen } from "./camera";
import { colourOf } from "./colours";
import { dimmed, ease, type ImageLayer, type ImageScene, pointOpacity, pointSize } from "./layer";

/** More points than these are thinned out while moving would otherwise stutter. */
const DRAWN = 60_000;

export class CanvasLayer implements ImageLayer {
  readonly kind = "canvas";
  readonly #canvas: HTMLCanvasElement;
  #size: Size;
  #camera: Camera = { x: 0, y: 0, scale: 1 };
  #scene: ImageScene | null = null;
  #from: Float32Array | null = null;
  #started = 0;
  #duration = 0;
  #frame = 0;

  constructor(canvas: HTMLCanvasElement, size: Size) {
    this.#canvas = canvas;
    this.#size = size;
    this.resize(size);
  }

  draw(scene: ImageScene, duration: number): void {
    const same = this.#scene?.cloud.images.length === scene.cloud.images.length;
    this.#from = same && duration > 0 ? (this.#scene?.cloud.images ?? null) : null;
    this.#started = performance.now();
    this.#duration = this.#from ? duration : 0;
    this.#scene = scene;
    this.#ask();
  }

  look(camera: Camera): void {
    this.#camera = camera;
    this.#ask();
  }

  resize(size: Size): void {
    this.#size = size;
    const ratio = globalThis.devicePixelRatio || 1;
    this.#canvas.width = Math.round(size.width * ratio);
    this.#canvas.height = Math.round(size.height * ratio);
    this.#canvas.style.width = `${size.width}px`;
    this.#canvas.style.height = `${size.height}px`;
    this.#ask();
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    this.#scene = null;
  }

  #ask(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#paint());
  }

  #paint(): void {
    const context = this.#canvas.getContext("2d");
    const scene = this.#scene;
    if (!context || !scene) return;
    const ratio = this.#canvas.width / this.#size.width;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.#size.width, this.#size.height);
    const t = this.#duration
      ? Math.min(1, (performance.now() - this.#started) / this.#duration)
      : 1;
    this.#points(context, scene, ease(t));
    if (t < 1) this.#ask();
  }

  #points(context: CanvasRenderingContext2D, scene: ImageScene, t: number): void {
    const { images } = scene.cloud;
    const from = this.#from ?? images;
    const n = images.length / 2;
    const step = Math.max(1, Math.ceil(n / DRAWN));
    const [size, opacity] = [pointSize(n), pointOpacity(n)];
    for (const lit of [0, 1]) {
      if (lit === 0 && !scene.anyLit) continue;
      context.globalAlpha =
        lit === 0 ? dimmed(n) : scene.anyLit ? Math.min(1, opacity + 0.25) : opacity;
      const radius = (lit && scene.anyLit ? size * 1.25 : size) / 2;
      for (let i = 0; i < n; i += step) {
        if (scene.anyLit && scene.lit[i] !== lit) continue;
        const [a, b] = [from[2 * i] as number, from[2 * i + 1] as number];
        const x = a + ((images[2 * i] as number) - a) * t;
        const y = b + ((images[2 * i + 1] as number) - b) * t;
        const [px, py] = toScreen(this.#camera, this.#size, x, y);
        context.fillStyle = colourOf(scene.colour, scene.values[i] as number, scene.dark);
        context.beginPath();
        context.arc(px, py, radius, 0, 2 * Math.PI);
        context.fill();
      }
    }
  }
}
