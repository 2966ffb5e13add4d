// Images drawn by regl-scatterplot. Its own mouse, lasso and search are not used: gestures are the
// same with and without WebGL, so they live in gestures.ts and hit.ts.
import createScatterplot, { createSpatialIndex } from "regl-scatterplot";
import { hex, ramp } from "../../lib/palette";
import { type Camera, matrix, type Size } from "./camera";
import { codes, colourList } from "./colours";
import { dimmed, ease, type ImageLayer, type ImageScene, pointOpacity, pointSize } from "./layer";

type Plot = ReturnType<typeof createScatterplot>;

export class WebglLayer implements ImageLayer {
  readonly kind = "webgl";
  readonly #plot: Plot;
  /** An index of one point spares a million points from being sorted for a search nobody makes. */
  readonly #noIndex: Promise<ArrayBuffer>;
  readonly #lost: () => void;
  #size: Size;
  #camera: Camera = { x: 0, y: 0, scale: 1 };
  #next: { scene: ImageScene; duration: number } | null = null;
  #busy = false;

  /** Throws where there is no usable WebGL; calls `lost` when it goes away later. */
  constructor(canvas: HTMLCanvasElement, size: Size, lost: () => void) {
    this.#size = size;
    this.#lost = lost;
    this.#plot = createScatterplot({
      canvas,
      width: size.width,
      height: size.height,
      backgroundColor: [0, 0, 0, 0],
      colorBy: "valueZ",
      opacityBy: "valueW",
      sizeBy: "valueW",
      pointScaleMode: "constant",
      lassoInitiator: false,
      deselectOnEscape: false,
      deselectOnDblClick: false,
      cameraIsFixed: true,
      showReticle: false,
      spatialIndexUseWorker: false,
    });
    if (!this.#plot.get("renderer").isSupported) {
      this.#plot.destroy();
      throw new Error("WebGL lacks float textures");
    }
    this.#glCanvas().addEventListener("webglcontextlost", this.#lost);
    this.#noIndex = createSpatialIndex([[0, 0]], false) as Promise<ArrayBuffer>;
  }

  draw(scene: ImageScene, duration: number): void {
    this.#next = { scene, duration };
    if (!this.#busy) void this.#drawNext();
  }

  look(camera: Camera): void {
    this.#camera = camera;
    this.#plot.view([...matrix(camera, this.#size)], { preventEvent: true });
  }

  resize(size: Size): void {
    this.#size = size;
    void this.#plot.set({ width: size.width, height: size.height });
    this.look(this.#camera);
  }

  destroy(): void {
    this.#next = null;
    this.#glCanvas().removeEventListener("webglcontextlost", this.#lost);
    this.#plot.destroy();
  }

  #glCanvas(): HTMLCanvasElement {
    return this.#plot.get("renderer").canvas;
  }

  /** The plot takes one drawing at a time; of those that came meanwhile only the last counts. */
  async #drawNext(): Promise<void> {
    this.#busy = true;
    while (this.#next) {
      const { scene, duration } = this.#next;
      this.#next = null;
      try {
        await this.#show(scene, duration);
      } catch {
        // destroyed while drawing
      }
    }
    this.#busy = false;
  }

  async #show(scene: ImageScene, duration: number): Promise<void> {
    const { images } = scene.cloud;
    const n = images.length / 2;
    const [size, opacity] = [pointSize(n), pointOpacity(n)];
    void this.#plot.set({
      pointColor: plotColours(scene),
      pointSize: scene.anyLit ? [size, size * 1.25] : [size, size],
      opacity: scene.anyLit ? [dimmed(n), Math.min(1, opacity + 0.25)] : [opacity, opacity],
    });
    const points = {
      x: images.filter((_, i) => i % 2 === 0),
      y: images.filter((_, i) => i % 2 === 1),
      z: codes(scene.colour, scene.values),
      w: scene.lit,
    };
    await this.#plot.draw(points, {
      transition: duration > 0,
      transitionDuration: duration,
      transitionEasing: ease,
      zDataType: scene.colour.kind === "numeric" ? "continuous" : "categorical",
      wDataType: "categorical",
      spatialIndex: await this.#noIndex,
    });
  }
}

/** The plot takes the nearest of these below a number, so a ramp needs many steps. */
function plotColours({ colour, dark }: ImageScene): string[] {
  const colours = colourList(colour, dark);
  if (colour.kind !== "numeric") return colours;
  return Array.from({ length: RAMP_STEPS }, (_, i) => hex(ramp(i / (RAMP_STEPS - 1), colours)));
}

const RAMP_STEPS = 128;
