// Fetches the arrays of a scatter: raw buffers in pieces, only those whose key is new.
import type { Bridge } from "../../lib/bridge";
import { float32, uint32 } from "../../lib/buffers";
import { normalise, type Points, type ScatterData } from "./model";

export class PointStore {
  readonly #bridge: Bridge;
  readonly #arrays = new Map<string, { key: string; bytes: DataView }>();
  #abort = new AbortController();

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** Brings every array up to `data`; a newer call ends an older one with an AbortError. */
  async load(data: ScatterData): Promise<Points> {
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    for (const [name, { key, bytes }] of Object.entries(data.arrays)) {
      if (this.#arrays.get(name)?.key === key) continue;
      this.#arrays.set(name, { key, bytes: await this.#fetch(name, key, bytes, signal) });
    }
    return this.#assemble(data);
  }

  dispose(): void {
    this.#abort.abort();
  }

  async #fetch(array: string, key: string, total: number, signal: AbortSignal): Promise<DataView> {
    const whole = new Uint8Array(total);
    let offset = 0;
    while (offset < total) {
      const options = { signal, quiet: true };
      const { buffers } = await this.#bridge.request("points", { array, key, offset }, options);
      const piece = buffers[0];
      if (!piece?.byteLength) throw new RangeError(`array ${array} ends at ${offset} of ${total}`);
      whole.set(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength), offset);
      offset += piece.byteLength;
    }
    return new DataView(whole.buffer);
  }

  #assemble(data: ScatterData): Points {
    const floats = (name: string) => float32(this.#bytes(name));
    const integers = (name: string) => uint32(this.#bytes(name));
    return {
      open: normalise(floats("open_images"), floats("open_texts")),
      closed: normalise(floats("closed_images"), floats("closed_texts")),
      rows: integers("image_rows"),
      textIds: integers("text_ids"),
      imageValues: floats("image_values"),
      textValues: floats("text_values"),
      colour: data.colour,
    };
  }

  #bytes(name: string): DataView {
    const found = this.#arrays.get(name);
    if (!found) throw new RangeError(`the kernel did not offer the array ${name}`);
    return found.bytes;
  }
}
