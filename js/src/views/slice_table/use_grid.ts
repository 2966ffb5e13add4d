// The grid's moving parts: its height, its scroll position and the row that keys act on.

import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { ROW_HEIGHT, scrollTopFor } from "./virtual";

/** Height assumed before the first layout, in pixels. */
const FALLBACK_HEIGHT = 360;

function useHeight(body: RefObject<HTMLElement | null>): Signal<number> {
  const height = useSignal(FALLBACK_HEIGHT);
  useEffect(() => {
    const element = body.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => {
      height.value = element.clientHeight || FALLBACK_HEIGHT;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [body, height]);
  return height;
}

/** Scrolling and the roving focus of a grid whose rows exist only near the viewport. */
export function useGrid(body: RefObject<HTMLElement | null>) {
  const scrollTop = useSignal(0);
  const height = useHeight(body);
  const active = useSignal(0);
  const focusWanted = useRef<number | null>(null);

  // A row may come into being by this very move, so it is focused once it is drawn. By its
  // position: the effects of an earlier drawing may run first, when another row is the active one.
  useEffect(() => {
    const wanted = `[data-position="${focusWanted.current}"]`;
    const row = body.current?.querySelector<HTMLElement>(wanted);
    if (!row) return;
    focusWanted.current = null;
    row.focus();
  });

  const reveal = (position: number) => {
    const element = body.current;
    if (!element) return;
    const room = height.value - ROW_HEIGHT; // the sticky header covers the first row's height
    element.scrollTop = scrollTopFor(position, element.scrollTop, room);
    scrollTop.value = element.scrollTop;
  };
  const goTo = (position: number) => {
    active.value = position;
    focusWanted.current = position;
    reveal(position);
  };
  return { scrollTop, height, active, reveal, goTo };
}

/** Where a key moves the active row, or null when the key does not move it. */
export function moveBy(key: string, at: number, count: number, page: number): number | null {
  const steps: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: count - 1,
  };
  const to = steps[key];
  return to === undefined ? null : Math.max(0, Math.min(count - 1, to));
}
