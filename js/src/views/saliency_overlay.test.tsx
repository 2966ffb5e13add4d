import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeModel, fakeModel, settle } from "../lib/testing";
import overlay, { type SaliencyData } from "./saliency_overlay";
import { seen } from "./saliency_overlay/picture";

const DATA: SaliencyData = {
  reason: "",
  classes: ["landbird", "waterbird"],
  target: "waterbird",
  chosen: null,
  item: { row: 7, id: "bird-007", label: "landbird", predicted: "waterbird", p_target: 0.914 },
  map: { rows: 2, cols: 2, values: [0, 0.25, 0.25, 0.5] },
  signal: true,
  method: "Gradient preview",
  milliseconds: 12.3,
  fit: "shortest",
};

const png = () => ({
  payload: { row: 7, mime: "image/png" },
  buffers: [new DataView(new Uint8Array([1, 2, 3]).buffer)],
});

let host: HTMLElement;
let stop = () => {};
let model: FakeModel;

async function show(traits: object, answers = {}): Promise<void> {
  stop();
  model = fakeModel({ data: DATA, focus: 7, ...traits }, { image: png, ...answers });
  stop = overlay.render({ model, el: host });
  await settle();
}

beforeEach(() => {
  host = document.createElement("div");
  document.body.append(host);
});

afterEach(() => {
  stop();
  host.remove();
});

const find = (testid: string) => host.querySelector<HTMLElement>(`[data-testid=${testid}]`);

it("offers the hardest image when nothing is focused", async () => {
  await show({ focus: null, data: { ...DATA, item: null, map: null } });
  expect(find("saliency-empty")?.textContent).toContain("Click an image anywhere");
  find("saliency-hardest")?.click();
  expect(model.sent.at(-1)?.kind).toBe("hardest");
});

it("shows the image, its map and what they are", async () => {
  await show({});
  expect(host.querySelector("img")?.getAttribute("src")).toBe("data:image/png;base64,AQID");
  expect(find("saliency-map")).not.toBeNull();
  expect(find("saliency-facts")?.textContent).toContain("landbird → waterbirdwrong");
  expect(find("saliency-facts")?.textContent).toContain("p(waterbird) = 0.91");
  expect(find("saliency-caption")?.textContent).toBe(
    "Gradient preview, 2×2 cells, 12 ms. Shows where the score is sensitive; not proof.",
  );
});

it("draws no map without a signal, and says why", async () => {
  await show({ data: { ...DATA, signal: false, map: { rows: 1, cols: 1, values: [0] } } });
  expect(find("saliency-map")).toBeNull();
  expect(find("saliency-nosignal")?.textContent).toContain("No signal.");
});

it("never paints the map of one image on another", async () => {
  await show({ focus: 8 }, { image: () => ({ ...png(), payload: { row: 8, mime: "image/png" } }) });
  expect(host.querySelector("img")).not.toBeNull();
  expect(find("saliency-map")).toBeNull();
  expect(host.textContent).toContain("Computing the map…");
});

it("says what stands in the way when there is no encoder", async () => {
  await show({ data: { ...DATA, map: null, reason: "This audit has embeddings but no encoder." } });
  expect(find("saliency-reason")?.textContent).toContain("no encoder");
  expect(find("saliency-target")).toBeNull();
});

it("invites nobody to click where there is nothing to look into", async () => {
  await show({ focus: null, data: { ...DATA, item: null, map: null, reason: "No images." } });
  expect(find("saliency-reason")?.textContent).toBe("No images.");
  expect(find("saliency-hardest")).toBeNull();
});

it("says what went wrong with an image", async () => {
  await show({}, { image: undefined });
  model.fail({ type: "InputError", message: "The image cannot be read." });
  await settle();
  expect(host.textContent).toContain("The image cannot be read.");
});

describe("the person", () => {
  beforeEach(() => show({}));

  it("walks with the arrow keys", () => {
    const key = { key: "ArrowRight", bubbles: true, cancelable: true };
    find("saliency-figure")?.dispatchEvent(new KeyboardEvent("keydown", key));
    expect(model.sent.at(-1)).toMatchObject({ kind: "step", payload: { by: 1 } });
  });

  it("asks about another class", async () => {
    const select = find("saliency-target") as HTMLSelectElement;
    select.value = "landbird";
    select.dispatchEvent(new Event("change", { bubbles: true }));
    expect(model.sent.at(-1)).toMatchObject({
      kind: "target",
      payload: { class: "landbird" },
    });
  });

  it("changes the look without asking the kernel", async () => {
    const before = model.sent.length;
    const slider = find("saliency-opacity") as HTMLInputElement;
    slider.value = "0.3";
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    [...host.querySelectorAll("button")].find((b) => b.textContent === "side by side")?.click();
    await settle();
    expect(host.querySelectorAll("img")).toHaveLength(2);
    expect(host.querySelectorAll("canvas")).toHaveLength(1);
    expect(model.sent).toHaveLength(before);
  });
});

it("shows markup in an id as text", async () => {
  const id = "<img src=x onerror=alert(1)>";
  await show({ data: { ...DATA, item: { ...DATA.item, id } } });
  expect(host.querySelectorAll("img")).toHaveLength(1);
  expect(host.textContent).toContain(id);
});

it("seen is the square that reaches the model", () => {
  const wide = { left: "25%", top: "0%", width: "50%", height: "100%" };
  expect(seen(2, "shortest")).toEqual(wide);
  expect(seen(0.5, "shortest")).toEqual({ left: "0%", top: "25%", width: "100%", height: "50%" });
  expect(seen(2, "longest")).toEqual({ left: "0%", top: "-50%", width: "100%", height: "200%" });
  expect(seen(0.5, "squash")).toEqual({ left: "0%", top: "0%", width: "100%", height: "100%" });
});
