// Pointer, wheel and keys on the plot, as what the user means by them.

export interface Gestures {
  pan(dx: number, dy: number): void;
  zoom(factor: number, x: number, y: number): void;
  reset(): void;
  hover(x: number, y: number): void;
  leave(): void;
  click(x: number, y: number): void;
  /** Corners so far, in pixels; null when it was given up. */
  lasso(corners: number[] | null, done: boolean): void;
  clear(): void;
  /** Whether a drag without Shift draws a lasso, too. */
  lassoMode(): boolean;
}

const CLICK_SLACK = 4;
const KEY_PAN = 32;
const KEY_ZOOM = 1.25;

type Drag = { kind: "pan" | "lasso"; corners: number[]; moved: boolean; x: number; y: number };

/** Listens on `surface`; wheel is taken only while it (or its view) has the focus. */
export function attachGestures(surface: HTMLElement, on: Gestures): () => void {
  let drag: Drag | null = null;
  const place = (event: MouseEvent): [number, number] => {
    const box = surface.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    surface.focus({ preventScroll: true });
    surface.setPointerCapture?.(event.pointerId);
    on.leave();
    const [x, y] = place(event);
    const kind = event.shiftKey || on.lassoMode() ? "lasso" : "pan";
    drag = { kind, corners: [x, y], moved: false, x, y };
  };
  const move = (event: PointerEvent) => {
    const [x, y] = place(event);
    if (!drag) return on.hover(x, y);
    const [startX, startY] = drag.corners as [number, number];
    drag.moved ||= Math.hypot(x - startX, y - startY) > CLICK_SLACK;
    if (!drag.moved) return;
    if (drag.kind === "pan") on.pan(x - drag.x, y - drag.y);
    else {
      drag.corners.push(x, y);
      on.lasso(drag.corners, false);
    }
    [drag.x, drag.y] = [x, y];
  };
  const up = (event: PointerEvent) => {
    if (!drag) return;
    const ended = drag;
    drag = null;
    if (!ended.moved) on.click(...place(event));
    else if (ended.kind === "lasso") on.lasso(ended.corners, true);
  };
  const giveUp = () => {
    if (drag?.kind === "lasso") on.lasso(null, true);
    drag = null;
  };
  const wheel = (event: WheelEvent) => {
    if (!hasFocus(surface)) return;
    event.preventDefault();
    on.zoom(2 ** (-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.002)), ...place(event));
  };
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && drag) giveUp();
    else if (!onKey(event.key, surface, on)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const stop = new AbortController();
  const { signal } = stop;
  surface.addEventListener("pointerdown", down, { signal });
  surface.addEventListener("pointermove", move, { signal });
  surface.addEventListener("pointerup", up, { signal });
  surface.addEventListener("pointercancel", giveUp, { signal });
  surface.addEventListener("pointerleave", () => !drag && on.leave(), { signal });
  surface.addEventListener("dblclick", () => on.reset(), { signal });
  surface.addEventListener("keydown", key, { signal });
  surface.addEventListener("wheel", wheel, { signal, passive: false });
  return () => stop.abort();
}

function hasFocus(surface: HTMLElement): boolean {
  return (surface.getRootNode() as Document | ShadowRoot).activeElement === surface;
}

function onKey(key: string, surface: HTMLElement, on: Gestures): boolean {
  const [x, y] = [surface.clientWidth / 2, surface.clientHeight / 2];
  const meaning: Record<string, () => void> = {
    ArrowLeft: () => on.pan(KEY_PAN, 0),
    ArrowRight: () => on.pan(-KEY_PAN, 0),
    ArrowUp: () => on.pan(0, KEY_PAN),
    ArrowDown: () => on.pan(0, -KEY_PAN),
    "+": () => on.zoom(KEY_ZOOM, x, y),
    "=": () => on.zoom(KEY_ZOOM, x, y),
    "-": () => on.zoom(1 / KEY_ZOOM, x, y),
    "0": () => on.reset(),
    Home: () => on.reset(),
    Escape: () => on.clear(),
  };
  meaning[key]?.();
  return key in meaning;
}
