// Above the images: texts as triangles, the lasso, and rings around what is in focus or hovered.
import { type Camera, type Size, toScreen } from "./camera";
import { colourOf } from "./colours";
import type { Colour } from "./model";

export interface OverlayScene {
  texts: Float32Array;
  values: Float32Array;
  colour: Colour;
  lit: Uint8Array;
  anyLit: boolean;
  dark: boolean;
  /** Places (x, y in the world) to ring. */
  focus: [number, number] | null;
  hover: [number, number] | null;
  /** Corners in pixels, while one is drawn. */
  lasso: number[] | null;
}

interface Inks {
  paper: string;
  ink: string;
  accent: string;
}

export function paintOverlay(
  canvas: HTMLCanvasElement,
  size: Size,
  camera: Camera,
  scene: OverlayScene,
  inks: Inks,
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const ratio = canvas.width / size.width;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  paintTexts(context, size, camera, scene, inks);
  if (scene.focus) ring(context, toScreen(camera, size, ...scene.focus), 7, inks.ink, inks.paper);
  if (scene.hover)
    ring(context, toScreen(camera, size, ...scene.hover), 6, inks.accent, inks.paper);
  if (scene.lasso) paintLasso(context, scene.lasso, inks.accent);
}

function paintTexts(
  context: CanvasRenderingContext2D,
  size: Size,
  camera: Camera,
  scene: OverlayScene,
  inks: Inks,
): void {
  const n = scene.texts.length / 2;
  const radius = n <= 400 ? 5.5 : n <= 4000 ? 4.5 : 3;
  context.lineJoin = "round";
  context.lineWidth = 1;
  context.strokeStyle = inks.paper;
  for (const lit of [0, 1]) {
    if (lit === 0 && !scene.anyLit) continue;
    context.globalAlpha = lit === 0 ? 0.22 : 0.95;
    for (let i = 0; i < n; i++) {
      if (scene.anyLit && scene.lit[i] !== lit) continue;
      const x = scene.texts[2 * i] as number;
      const [px, py] = toScreen(camera, size, x, scene.texts[2 * i + 1] as number);
      if (px < -9 || py < -9 || px > size.width + 9 || py > size.height + 9) continue;
      context.fillStyle = colourOf(scene.colour, scene.values[i] as number, scene.dark);
      triangle(context, px, py, scene.anyLit && lit ? radius * 1.3 : radius);
    }
  }
  context.globalAlpha = 1;
}

function triangle(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  context.moveTo(x, y - radius);
  context.lineTo(x + radius * 0.92, y + radius * 0.68);
  context.lineTo(x - radius * 0.92, y + radius * 0.68);
  context.closePath();
  context.fill();
  context.stroke();
}

function ring(
  context: CanvasRenderingContext2D,
  [x, y]: [number, number],
  radius: number,
  ink: string,
  paper: string,
): void {
  for (const [width, colour] of [
    [4, paper],
    [2, ink],
  ] as const) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.stroke();
  }
}

function paintLasso(context: CanvasRenderingContext2D, corners: number[], ink: string): void {
  context.beginPath();
  for (let i = 0; i < corners.length; i += 2) {
    context.lineTo(corners[i] as number, corners[i + 1] as number);
  }
  context.closePath();
  context.globalAlpha = 0.12;
  context.fillStyle = ink;
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  context.setLineDash([4, 3]);
  context.strokeStyle = ink;
  context.stroke();
  context.setLineDash([]);
}
