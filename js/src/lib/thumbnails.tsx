// Images of data-set rows: fetched when seen, many per message, the last few hundred kept.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Bridge } from "./bridge";

const KEPT = 600;
const BATCH = 48;
const WAIT_MS = 12;

interface Wanted {
  row: number;
  size: number;
  resolve(url: string): void;
  reject(error: unknown): void;
}

export class ThumbnailLoader {
  readonly #bridge: Bridge;
  /** Insertion order is age: a hit is taken out and put back at the end. */
  readonly #urls = new Map<string, Promise<string>>();
  #wanted: Wanted[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  static of(bridge: Bridge): ThumbnailLoader {
    return bridge.shared("thumbnails", () => new ThumbnailLoader(bridge));
  }

  /** A data URL (blob URLs are refused by some hosts' content rules). */
  url(row: number, size = 96): Promise<string> {
    const key = `${row}@${size}`;
    const found = this.#urls.get(key) ?? this.#queue(row, size);
    this.#urls.delete(key);
    this.#urls.set(key, found);
    found.catch(() => this.#urls.delete(key)); // so that it can be asked for again
    this.#trim();
    return found;
  }

  #queue(row: number, size: number): Promise<string> {
    this.#timer ??= setTimeout(() => this.#flush(), WAIT_MS);
    return new Promise((resolve, reject) => this.#wanted.push({ row, size, resolve, reject }));
  }

  #flush(): void {
    this.#timer = undefined;
    const wanted = this.#wanted;
    this.#wanted = [];
    for (const size of new Set(wanted.map((want) => want.size))) {
      const same = wanted.filter((want) => want.size === size);
      for (let i = 0; i < same.length; i += BATCH) void this.#fetch(same.slice(i, i + BATCH), size);
    }
  }

  async #fetch(batch: Wanted[], size: number): Promise<void> {
    try {
      const rows = batch.map((want) => want.row);
      const { payload, buffers } = await this.#bridge.request<{ mime: string | string[] }>(
        "thumbnails",
        { rows, size },
        { quiet: true },
      );
      batch.forEach((want, i) => {
        const mime = Array.isArray(payload.mime) ? payload.mime[i] : payload.mime;
        const bytes = buffers[i];
        if (bytes) want.resolve(dataUrl(bytes, mime ?? "image/webp"));
        else want.reject(new Error(`no thumbnail of row ${want.row}`));
      });
    } catch (error) {
      for (const want of batch) want.reject(error);
    }
  }

  #trim(): void {
    for (const key of this.#urls.keys()) {
      if (this.#urls.size <= KEPT) return;
      this.#urls.delete(key);
    }
  }
}

export function dataUrl(bytes: DataView, mime: string): string {
  const array = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = "";
  for (let i = 0; i < array.length; i += 8192) {
    text += String.fromCharCode(...array.subarray(i, i + 8192));
  }
  return `data:${mime};base64,${btoa(text)}`;
}

interface ThumbnailProps {
  bridge: Bridge;
  row: number;
  size?: number;
  alt: string;
  class?: string;
}

/** An image that is asked for when it comes into sight; a quiet square until then. */
export function Thumbnail({
  bridge,
  row,
  size = 96,
  alt,
  class: extra,
}: ThumbnailProps): JSX.Element {
  const root = useRef<HTMLSpanElement>(null);
  const url = useSignal("");
  const failed = useSignal(false);
  useEffect(() => {
    let live = true;
    url.value = "";
    failed.value = false;
    const load = async () => {
      try {
        const got = await ThumbnailLoader.of(bridge).url(row, size);
        if (live) url.value = got;
      } catch {
        if (live) failed.value = true;
      }
    };
    const stop = whenSeen(root.current, load);
    return () => {
      live = false;
      stop();
    };
  }, [bridge, row, size]);
  return (
    <span
      ref={root}
      class={["vd-thumb", extra].filter(Boolean).join(" ")}
      data-row={row}
      data-loaded={url.value !== ""}
    >
      {url.value && <img src={url.value} alt={alt} draggable={false} decoding="async" />}
      {failed.value && <span class="vd-thumb-none">no image</span>}
    </span>
  );
}

function whenSeen(element: HTMLElement | null, then: () => void): () => void {
  if (!element) return () => {};
  if (typeof IntersectionObserver === "undefined") {
    then();
    return () => {};
  }
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      then();
    },
    { rootMargin: "200px" },
  );
  observer.observe(element);
  return () => observer.disconnect();
}
