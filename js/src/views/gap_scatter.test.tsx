import { afterEach, describe, expect, it } from "vitest";
import { uint32 } from "../lib/buffers";
import { NOTHING_SELECTED } from "../lib/status";
import { type FakeModel, fakeModel, settle } from "../lib/testing";
import view from "./gap_scatter";
import { codes, colourList, colourOf } from "./gap_scatter/colours";
import type { Colour, ScatterData } from "./gap_scatter/model";

const ARRAYS: Record<string, Float32Array | Uint32Array> = {
  open_images: Float32Array.of(-1, 0, -1, 1, -0.5, 0),
  closed_images: Float32Array.of(0, 0, 0, 1, 0.5, 0),
  open_texts: Float32Array.of(1, 0, 1, 1),
  closed_texts: Float32Array.of(0, 0, 0.5, 1),
  image_values: Float32Array.of(0, 1, 1),
  text_values: Float32Array.of(0, Number.NaN),
  image_rows: Uint32Array.of(10, 20, 30),
  text_ids: Uint32Array.of(5, 6),
};

const byClass: Colour = {
  by: "class",
  kind: "categorical",
  labels: ["landbird", "waterbird"],
  low: 0,
  high: 1,
};

function scatterData(more: Partial<ScatterData> = {}): ScatterData {
  const arrays = Object.fromEntries(
    Object.entries(ARRAYS).map(([name, a]) => [name, { key: "k1", bytes: a.byteLength }]),
  );
  return {
    n_images: 3,
    n_texts: 2,
    mode: "open",
    explained: { open: [0.342, 0.1], closed: [0.2, 0.1] },
    gap: null,
    colour: byClass,
    options: ["modality", "class"],
    arrays,
    has_images: true,
    ...more,
  };
}

/** Sends arrays in pieces of eight bytes that start at odd places. */
function piece({ array, offset }: { array: string; offset: number }) {
  const raw = new Uint8Array((ARRAYS[array] as Float32Array).buffer).slice(offset, offset + 8);
  const padded = Uint8Array.of(9, 9, 9, ...raw);
  return { payload: { array, offset }, buffers: [new DataView(padded.buffer, 3)] };
}

const undo: (() => void)[] = [];
async function show(traits = {}): Promise<{ host: HTMLElement; model: FakeModel }> {
  const ok = () => ({ payload: {} });
  const model = fakeModel(
    { data: scatterData(), selection_rows: null, selection_texts: null, ...traits },
    { points: piece, edit: ok, select: ok, focus: ok, hover: ok },
  );
  const el = document.body.appendChild(document.createElement("div"));
  undo.push(view.render({ model, el }));
  await settle(60);
  return { host: el.querySelector(".vd-view") as HTMLElement, model };
}

const sent = (model: FakeModel, kind: string) => model.sent.filter((s) => s.kind === kind);
const view32 = (...ids: number[]) => new DataView(Uint32Array.from(ids).buffer);

afterEach(() => {
  for (const fn of undo.splice(0)) fn();
  document.body.replaceChildren();
});

describe("the gap scatter", () => {
  it("fetches its points in pieces and says how many there are", async () => {
    const { host, model } = await show();
    expect(host.dataset).toMatchObject({ nImages: "3", nTexts: "2", points: "5", mode: "open" });
    const open = sent(model, "points").filter((s) => s.payload.array === "open_images");
    expect(open.map((s) => s.payload.offset)).toEqual([0, 8, 16]);
    expect(host.textContent).toContain("3 images");
    expect(host.textContent).toContain("PC 1 (34\u202f% of variance)");
  });

  it("is drawn without WebGL where there is none, and says so", async () => {
    const { host } = await show();
    expect(host.dataset.renderer).toBe("canvas");
    expect(host.textContent).toContain("drawn without WebGL");
    expect(host.querySelector("[data-testid=gap-scatter-canvas]")).not.toBeNull();
  });

  it("fetches again only what has a new key", async () => {
    const { model } = await show();
    const before = sent(model, "points").length;
    const arrays = { ...scatterData().arrays, text_values: { key: "k2", bytes: 8 } };
    model.change("data", scatterData({ arrays }));
    await settle(60);
    const again = sent(model, "points").slice(before);
    expect(again.map((s) => s.payload.array)).toEqual(["text_values"]);
  });

  it("closes the gap at once, and tells the audit", async () => {
    const { host, model } = await show();
    host.querySelector<HTMLElement>("[data-testid=gap-closed]")?.click();
    await settle();
    expect(host.dataset.mode).toBe("closed");
    expect(sent(model, "edit")[0]?.payload).toEqual({ gap: "closed" });
  });

  it("counts what is selected elsewhere", async () => {
    const { host, model } = await show();
    model.change("selection_rows", view32(20, 30));
    model.change("selection", { ...NOTHING_SELECTED, kind: "rows", count: 2, label: "2 images" });
    await settle();
    expect(host.dataset.nSelected).toBe("2");
    model.change("selection", NOTHING_SELECTED);
    await settle();
    expect(host.dataset.nSelected).toBe("0");
  });

  it("selects a category from the legend", async () => {
    const { host, model } = await show();
    host.querySelectorAll<HTMLElement>(".vd-gs-legend button")[1]?.click();
    const [select] = sent(model, "select");
    expect(select?.payload).toEqual({ kind: "rows" });
    expect([...uint32(new DataView(select?.buffers[0] as ArrayBuffer))]).toEqual([20, 30]);
  });

  it("Escape clears the selection; other keys move the view", async () => {
    const { host, model } = await show();
    const surface = host.querySelector(".vd-gs-surface") as HTMLElement;
    expect(surface.tabIndex).toBe(0);
    for (const key of ["ArrowLeft", "+", "-", "0", "Escape"]) {
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
      surface.dispatchEvent(event);
      expect(event.defaultPrevented).toBe(true);
    }
    expect(sent(model, "select").map((s) => s.payload)).toEqual([{ kind: "clear" }]);
  });

  it("leaves the wheel to the page until it has the focus", async () => {
    const { host } = await show();
    const surface = host.querySelector(".vd-gs-surface") as HTMLElement;
    const roll = () => {
      const event = new WheelEvent("wheel", { deltaY: 10, cancelable: true });
      surface.dispatchEvent(event);
      return event.defaultPrevented;
    };
    expect(roll()).toBe(false);
    surface.focus();
    expect(roll()).toBe(true);
  });
});

describe("colours of points", () => {
  it("unknown is grey, categories are the palette's", () => {
    expect(colourOf(byClass, 0, false)).toBe("#0072b2");
    expect(colourOf(byClass, Number.NaN, false)).toBe("#9e9e9e");
    expect(colourList(byClass, false)).toHaveLength(3);
    expect([...codes(byClass, Float32Array.of(1, Number.NaN))]).toEqual([1, 2]);
  });

  it("numbers run along the ramp", () => {
    const p: Colour = { by: "probability", kind: "numeric", labels: [], low: 0, high: 1 };
    expect(colourOf(p, 0, false)).toBe("rgb(0, 51, 111)");
    expect([...codes(p, Float32Array.of(0.5, Number.NaN))]).toEqual([0.5, 0]);
  });
});
