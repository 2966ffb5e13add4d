import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { uint32 } from "../lib/buffers";
import { type FakeModel, fakeModel, settle } from "../lib/testing";
import view from "./extreme_grid";
import {
  type DirectionState,
  type ExtremeData,
  type Item,
  moveInGrid,
  PAGE,
  rowsBetween,
} from "./extreme_grid/model";

const EVIL = "<img src=x onerror=alert(1)>";

const item = (row: number, more: Partial<Item> = {}): Item => ({
  row,
  id: `image-${row}`,
  class: "landbird",
  predicted: "waterbird",
  confidence: 0.83,
  correct: false,
  decision: -1.25,
  ...more,
});

const DATA: ExtremeData = {
  target_class: "landbird",
  classes: ["landbird", "waterbird"],
  order: "hardest",
  direction: {
    state: "ready",
    note: "",
    strength: {
      class: "landbird",
      reliable: true,
      message: "reliable direction",
      line: "balanced accuracy 0.84 ± 0.03, p = 0.01, n = 400 (62 errors)",
      warnings: ["only 9 errors"],
    },
  },
  items: [item(40), item(7), item(19, { predicted: "landbird", correct: true, decision: 0.4 })],
  total: 600,
  selection: "",
  has_selection: false,
  whole_class: false,
};

const WEAK: DirectionState = {
  state: "ready",
  note: "",
  strength: {
    class: "landbird",
    reliable: false,
    message: "No reliable direction.",
    warnings: [],
    line: "strength 0.52 ± 0.05, p = 0.4, n = 400 (9 errors)",
  },
};
const FITTING: DirectionState = {
  state: "fitting",
  note: "fitting the failure direction…",
  strength: null,
};

let dispose: (() => void) | undefined;
// Without a layout nothing ever comes into sight; without an observer everything counts as seen.
beforeEach(() => vi.stubGlobal("IntersectionObserver", undefined));
afterEach(() => {
  dispose?.();
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

async function show(data: ExtremeData, traits: object = {}): Promise<[FakeModel, HTMLElement]> {
  const thumbnails = (payload: { rows: number[] }) => ({
    payload: { rows: payload.rows, mime: "image/webp" },
    buffers: payload.rows.map(() => new DataView(new ArrayBuffer(4))),
  });
  const model = fakeModel(
    { data, order: data.order, shown: PAGE, whole_class: false, ...traits },
    { thumbnails },
  );
  const el = document.createElement("div");
  document.body.append(el);
  dispose = view.render({ model, el });
  await settle();
  return [model, el];
}

const items = (el: HTMLElement) => [
  ...el.querySelectorAll<HTMLElement>('[data-testid="extreme-item"]'),
];
const named = (el: HTMLElement, words: string) =>
  [...el.querySelectorAll<HTMLElement>("button")].find((b) => b.textContent === words);
const requests = (model: FakeModel) => model.sent.filter((sent) => sent.kind !== "thumbnails");
const click = (target: Element | undefined, keys: MouseEventInit = {}) =>
  target?.dispatchEvent(new MouseEvent("click", { bubbles: true, ...keys }));

describe("the images", () => {
  it("come in the order of the data with label, prediction and figures", async () => {
    const [, el] = await show(DATA);
    expect(items(el).map((button) => button.dataset.row)).toEqual(["40", "7", "19"]);
    expect(items(el)[0]?.textContent).toContain("landbird →");
    expect(items(el)[0]?.textContent).toContain("0.83");
    expect(items(el)[0]?.textContent).toContain("−1.25");
  });

  it("mark a wrong prediction by sign and word, not by colour alone", async () => {
    const [, el] = await show(DATA);
    expect(items(el)[0]?.textContent).toContain("✕ waterbird");
    expect(items(el)[0]?.getAttribute("aria-label")).toContain("(wrong)");
    expect(items(el)[2]?.textContent).toContain("✓ landbird");
  });

  it("ask for their thumbnails in one message", async () => {
    const [model] = await show(DATA);
    const asked = model.sent.filter((sent) => sent.kind === "thumbnails");
    expect(asked).toHaveLength(1);
    expect(asked[0]?.payload).toMatchObject({ rows: [40, 7, 19] });
  });

  it("leave the decision value out where there is no direction", async () => {
    const [, el] = await show({
      ...DATA,
      direction: FITTING,
      items: [item(1, { decision: null })],
    });
    expect(items(el)[0]?.getAttribute("title")).not.toContain("decision");
  });

  it("never turn a name into markup", async () => {
    const evil = item(1, { id: EVIL, class: EVIL, predicted: EVIL });
    const [, el] = await show({ ...DATA, items: [evil], classes: [EVIL] });
    expect([...el.querySelectorAll("img")].every((image) => image.closest(".vd-thumb"))).toBe(true);
    expect(items(el)[0]?.textContent).toContain(EVIL);
  });

  it("may be none", async () => {
    const [, el] = await show({ ...DATA, items: [], total: 0 });
    expect(el.textContent).toContain("no image of this class");
  });
});

describe("the direction", () => {
  it("says its strength in one line", async () => {
    const [, el] = await show(DATA);
    expect(el.querySelector('[data-testid="extreme-strength"]')?.textContent).toBe(
      "reliable direction balanced accuracy 0.84 ± 0.03, p = 0.01, n = 400 (62 errors) only 9 errors",
    );
  });

  it("is greyed when weak, and confidence is offered instead", async () => {
    const [model, el] = await show({ ...DATA, direction: WEAK });
    expect(el.textContent).toContain("No reliable direction.");
    expect(el.querySelector(".vd-eg-greyed")).not.toBeNull();
    named(el, "order by confidence instead")?.click();
    expect(model.saved.at(-1)).toEqual({ order: "confidence" });
  });

  it("is not greyed when ordered by confidence", async () => {
    const [, el] = await show({ ...DATA, direction: WEAK, order: "confidence" });
    expect(el.querySelector(".vd-eg-greyed")).toBeNull();
    expect(named(el, "order by confidence instead")).toBeUndefined();
  });
});

describe("without a direction", () => {
  const orders = (el: HTMLElement) => [
    ...el.querySelectorAll<HTMLButtonElement>('[data-testid="extreme-order"]'),
  ];

  it("shows the images by confidence and says quietly what is under way", async () => {
    const [, el] = await show({ ...DATA, order: "confidence", direction: FITTING });
    expect(items(el)).toHaveLength(3);
    expect(el.querySelector('[role="status"].vd-eg-strength')?.textContent).toContain("fitting");
    expect(orders(el).map((button) => button.disabled)).toEqual([true, true, true, false]);
    expect(orders(el)[3]?.getAttribute("aria-pressed")).toBe("true");
  });

  it("says why, and nothing is greyed", async () => {
    const none: DirectionState = { ...WEAK, state: "none" };
    const [, el] = await show({ ...DATA, order: "confidence", direction: none });
    expect(el.textContent).toContain("least probable true class first");
    expect(el.querySelector(".vd-eg-greyed")).toBeNull();
  });
});

describe("choosing", () => {
  it("puts a clicked image in focus", async () => {
    const [model, el] = await show(DATA);
    click(items(el)[1]);
    expect(requests(model).at(-1)).toMatchObject({ kind: "focus", payload: { row: 7 } });
  });

  it("shows which image is in focus", async () => {
    const [, el] = await show(DATA, { focus: 19 });
    expect(items(el)[2]?.getAttribute("aria-current")).toBe("true");
  });

  it("marks by Ctrl-click and by Shift-click, and selects what is marked", async () => {
    const [model, el] = await show(DATA);
    click(items(el)[0], { ctrlKey: true });
    await settle();
    click(items(el)[1], { shiftKey: true });
    await settle();
    named(el, "select 2 marked")?.click();
    const sent = requests(model).at(-1);
    expect(sent?.payload).toEqual({ kind: "rows" });
    expect([...uint32(new DataView(sent?.buffers[0] as ArrayBuffer))]).toEqual([40, 7]);
  });

  it("selects all images on show by the button, and one by a double click", async () => {
    const [model, el] = await show(DATA);
    named(el, "select these 3")?.click();
    expect(requests(model).at(-1)?.buffers[0]?.byteLength).toBe(12);
    items(el)[2]?.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    const sent = requests(model).at(-1);
    expect([...uint32(new DataView(sent?.buffers[0] as ArrayBuffer))]).toEqual([19]);
  });

  it("moves by arrow keys", async () => {
    const [, el] = await show(DATA);
    items(el)[0]?.focus();
    items(el)[0]?.dispatchEvent(
      new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, cancelable: true }),
    );
    expect(document.activeElement).toBe(items(el)[1]);
  });

  it("knows its lines and ranges", () => {
    expect(moveInGrid("ArrowDown", 1, 10, 4)).toBe(5);
    expect(moveInGrid("ArrowDown", 7, 10, 4)).toBe(7);
    expect(moveInGrid("a", 7, 10, 4)).toBeNull();
    expect(rowsBetween(DATA.items, 2, 1)).toEqual([7, 19]);
  });
});

describe("what is shown", () => {
  it("changes with class, order, page and scope", async () => {
    const [model, el] = await show({ ...DATA, has_selection: true, selection: "owl, 40 images" });
    named(el, "easiest")?.click();
    expect(model.saved.at(-1)).toEqual({ order: "easiest" });
    named(el, "more")?.click();
    expect(model.saved.at(-1)).toEqual({ shown: 2 * PAGE });
    el.querySelector<HTMLInputElement>('input[type="checkbox"]')?.click();
    expect(model.saved.at(-1)).toEqual({ whole_class: true });
    expect(el.textContent).toContain("owl, 40 images");
  });

  it("leaves the selection for the class that is asked for", async () => {
    const [model, el] = await show({ ...DATA, has_selection: true });
    const picker = el.querySelector<HTMLSelectElement>('[data-testid="target-class"]');
    if (!picker) throw new Error("no class picker");
    picker.value = "waterbird";
    picker.dispatchEvent(new Event("change", { bubbles: true }));
    expect(model.saved.at(-1)).toEqual({ whole_class: true });
    expect(requests(model).at(-1)?.payload).toEqual({ target_class: "waterbird" });
  });

  it("says how many of how many", async () => {
    const [, el] = await show(DATA);
    expect(el.querySelector('[data-testid="extreme-count"]')?.textContent).toBe("3 of 600");
  });
});
