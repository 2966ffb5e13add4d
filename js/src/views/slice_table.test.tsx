import { afterEach, describe, expect, it, vi } from "vitest";
import { type FakeModel, fakeModel, settle } from "../lib/testing";
import view from "./slice_table";
import { nextOrder } from "./slice_table/header";
import {
  liesInside,
  type SliceData,
  sameSlice,
  searchRows,
  sliceOf,
  sortRows,
  toTsv,
} from "./slice_table/model";
import { moveBy } from "./slice_table/use_grid";
import { ROW_HEIGHT, scrollTopFor, visibleRange } from "./slice_table/virtual";

const EVIL = "<img src=x onerror=alert(1)>";

const DATA: SliceData = {
  by: ["species", "place"],
  options: ["class", "species", "place"],
  values: { species: ["owl", "mallard", EVIL], place: ["ocean", "forest", "ocean"] },
  text_score: [0.31, 0.45, 0.9],
  n_texts: [3, 3, 1],
  image_accuracy: [0.28, 0.8, null],
  ci_low: [0.22, 0.7, null],
  ci_high: [0.35, 0.9, null],
  n_images: [1200, 12, 0],
  flagged: [true, false, false],
  agreement: ["agree", "disagree", "no image"],
  mixed_class: [false, true, false],
  trust: "texts agree with images on 1 of 2 slices, 0 undecided",
};

/** Slices s0, s1, … with scores in a shuffled order. */
function many(n: number): SliceData {
  const column = <T,>(make: (i: number) => T) => Array.from({ length: n }, (_, i) => make(i));
  return {
    ...DATA,
    by: ["species"],
    values: { species: column((i) => `s${i}`) },
    text_score: column((i) => ((i * 7919) % n) / n),
    n_texts: column(() => 1),
    image_accuracy: column(() => null),
    ci_low: column(() => null),
    ci_high: column(() => null),
    n_images: column(() => 0),
    flagged: column(() => false),
    agreement: column(() => "no image" as const),
    mixed_class: column(() => false),
  };
}

let dispose: (() => void) | undefined;
afterEach(() => {
  dispose?.();
  document.body.replaceChildren();
});

async function show(data: SliceData, traits: object = {}): Promise<[FakeModel, HTMLElement]> {
  const model = fakeModel({ data, sort_by: "text_score", descending: false, ...traits });
  const el = document.createElement("div");
  document.body.append(el);
  dispose = view.render({ model, el });
  await settle();
  return [model, el];
}

const rowsOf = (el: HTMLElement) => [
  ...el.querySelectorAll<HTMLElement>('[data-testid="slice-row"]'),
];
const sliceTexts = (el: HTMLElement) =>
  rowsOf(el)
    .sort((a, b) => Number(a.dataset.position) - Number(b.dataset.position))
    .map((row) => JSON.parse(row.dataset.slice ?? "{}").species);
const press = (target: Element, key: string) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));

describe("the figures", () => {
  it("shows score, accuracy with its interval, count and agreement of a slice", async () => {
    const [, el] = await show(DATA);
    const text = rowsOf(el)[0]?.textContent ?? "";
    expect(text).toContain("owl");
    expect(text).toContain("0.31");
    expect(text).toContain("0.28 [.22, .35]");
    expect(text).toContain("1,200");
    expect(text).toContain("●");
  });

  it("marks a slice without images as predicted only", async () => {
    const [, el] = await show(DATA);
    expect(rowsOf(el)[2]?.textContent).toContain("predicted only");
    expect(rowsOf(el)[2]?.dataset.agreement).toBe("no image");
  });

  it("draws bar, dot and whisker on one scale from 0 to 1", async () => {
    const [, el] = await show(DATA);
    const part = (name: string) => el.querySelector<HTMLElement>(name)?.style;
    expect(part(".vd-st-bar")?.width).toBe("31.00%");
    expect(part(".vd-st-dot")?.left).toBe("28.00%");
    expect(part(".vd-st-whisker")?.left).toBe("22.00%");
    expect(part(".vd-st-whisker")?.width).toBe("13.00%");
  });

  it("says that the score is a prediction from text", async () => {
    const [, el] = await show(DATA);
    const header = el.querySelector('[data-column="text_score"]');
    expect(header?.textContent).toContain("from text");
    expect(header?.getAttribute("title")).toContain("DrML");
  });

  it("shows the trust line", async () => {
    const [, el] = await show(DATA);
    expect(el.querySelector('[data-testid="slice-trust"]')?.textContent).toBe(DATA.trust);
  });

  it("never turns a name into markup", async () => {
    const [, el] = await show({ ...DATA, options: [EVIL], trust: EVIL });
    expect(el.querySelector("img")).toBeNull();
    expect(el.textContent).toContain(EVIL);
  });
});

describe("order and search", () => {
  it("starts with the worst text score", async () => {
    const [, el] = await show({ ...DATA, text_score: [0.5, 0.1, null] });
    expect(sliceTexts(el)).toEqual(["mallard", "owl", EVIL]);
  });

  it("keeps the order in the traits and says it to screen readers", async () => {
    const [model, el] = await show(DATA);
    el.querySelector<HTMLElement>('[data-column="image_accuracy"]')?.click();
    await settle();
    expect(model.get("sort_by")).toBe("image_accuracy");
    const header = el.querySelector('[aria-sort="ascending"]');
    expect(header?.textContent).toContain("image acc.");
    el.querySelector<HTMLElement>('[data-column="image_accuracy"]')?.click();
    await settle();
    expect(model.get("descending")).toBe(true);
    expect(sliceTexts(el)).toEqual(["mallard", "owl", EVIL]);
  });

  it("puts what is missing last in both directions", () => {
    const all = [0, 1, 2];
    expect(sortRows(DATA, all, { column: "image_accuracy", descending: false })).toEqual([0, 1, 2]);
    expect(sortRows(DATA, all, { column: "image_accuracy", descending: true })).toEqual([1, 0, 2]);
  });

  it("sorts names as a reader would", () => {
    const data = { ...many(12), by: ["species"] };
    const order = sortRows(data, searchRows(data, ""), { column: "species", descending: false });
    expect(order.map((row) => data.values.species?.[row])).toEqual(
      Array.from({ length: 12 }, (_, i) => `s${i}`),
    );
  });

  it("turns round on a second click only", () => {
    const first = nextOrder({ column: "n_images", descending: false }, "text_score");
    expect(first).toEqual({ column: "text_score", descending: false });
    expect(nextOrder(first, "text_score").descending).toBe(true);
  });

  it("finds rows by all words of the query, and says when there are none", async () => {
    expect(searchRows(DATA, "oce OWL")).toEqual([0]);
    const [, el] = await show(DATA);
    const box = el.querySelector<HTMLInputElement>('[data-testid="slice-search"]');
    if (!box) throw new Error("no search box");
    box.value = "penguin";
    box.dispatchEvent(new Event("input", { bubbles: true }));
    await settle();
    expect(rowsOf(el)).toHaveLength(0);
    expect(el.textContent).toContain("no slice contains “penguin”");
    expect(el.textContent).toContain("0 of 3 slices");
  });
});

describe("selecting", () => {
  it("asks for the slice that was clicked", async () => {
    const [model, el] = await show(DATA);
    rowsOf(el)[1]?.click();
    expect(model.sent.at(-1)).toMatchObject({
      kind: "select",
      payload: { kind: "slice", slice: { species: "mallard", place: "forest" } },
    });
  });

  it("lights the selected slice, and softly the slices inside it", async () => {
    const [model, el] = await show(DATA);
    model.change("selection", { kind: "slice", slice: { species: "owl", place: "ocean" } });
    await settle();
    expect(rowsOf(el).map((row) => row.dataset.selected)).toEqual(["true", "false", "false"]);
    model.change("selection", { kind: "slice", slice: { place: "ocean" } });
    await settle();
    expect(rowsOf(el).map((row) => row.classList.contains("vd-st-within"))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("follows the hover of other views", async () => {
    const [model, el] = await show(DATA);
    model.change("hover", { slice: { place: "forest" } });
    await settle();
    expect(el.querySelectorAll(".vd-st-hovered")).toHaveLength(1);
  });

  it("tells others what the pointer rests on, and when it leaves", async () => {
    const [model, el] = await show(DATA);
    rowsOf(el)[0]?.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
    await settle(120);
    expect(model.sent.at(-1)).toMatchObject({
      kind: "hover",
      payload: { slice: { species: "owl", place: "ocean" } },
    });
    el.querySelector('[role="grid"]')?.dispatchEvent(new MouseEvent("mouseleave"));
    await settle(120);
    expect(model.sent.at(-1)).toMatchObject({ kind: "hover", payload: {} });
  });

  it("moves by arrow keys, selects by Enter and clears by Escape", async () => {
    const [model, el] = await show(DATA);
    const first = rowsOf(el)[0] as HTMLElement;
    expect(rowsOf(el).map((row) => row.tabIndex)).toEqual([0, -1, -1]);
    first.focus();
    press(first, "ArrowDown");
    await settle();
    expect(rowsOf(el).map((row) => row.tabIndex)).toEqual([-1, 0, -1]);
    expect(document.activeElement).toBe(rowsOf(el)[1]);
    press(document.activeElement as Element, "Enter");
    expect(model.sent.at(-1)?.payload).toEqual({
      kind: "slice",
      slice: { species: "mallard", place: "forest" },
    });
    press(document.activeElement as Element, "Escape");
    expect(model.sent.at(-1)?.payload).toEqual({ kind: "clear" });
  });

  it("stays where the keys went when the news of its own choice comes late", async () => {
    const [model, el] = await show(DATA);
    const first = rowsOf(el)[0] as HTMLElement;
    first.click();
    first.focus();
    model.change("selection", { kind: "slice", slice: { species: "owl", place: "ocean" } });
    await Promise.resolve(); // drawn, but what follows from the drawing has not run yet
    press(first, "ArrowDown");
    await settle();
    expect(document.activeElement).toBe(rowsOf(el)[1]);
    expect(rowsOf(el).map((row) => row.tabIndex)).toEqual([-1, 0, -1]);
    expect(rowsOf(el).map((row) => row.dataset.selected)).toEqual(["true", "false", "false"]);
  });

  it("keeps keys within the table", () => {
    expect(moveBy("ArrowUp", 0, 3, 10)).toBe(0);
    expect(moveBy("PageDown", 1, 3, 10)).toBe(2);
    expect(moveBy("End", 0, 3, 10)).toBe(2);
    expect(moveBy("x", 0, 3, 10)).toBeNull();
  });

  it("compares slices by content", () => {
    expect(sameSlice({ a: "1", b: "2" }, { b: "2", a: "1" })).toBe(true);
    expect(sameSlice({ a: "1" }, null)).toBe(false);
    expect(liesInside({ a: "1", b: "2" }, { a: "1" })).toBe(true);
    expect(liesInside({ a: "1" }, {})).toBe(false);
  });
});

describe("grouping", () => {
  it("asks for another set of attributes", async () => {
    const [model, el] = await show(DATA);
    el.querySelector<HTMLElement>('[data-testid="slice-by"][data-name="class"]')?.click();
    expect(model.sent.at(-1)).toMatchObject({
      kind: "edit",
      payload: { slice_by: ["species", "place", "class"] },
    });
  });

  it("keeps at least one attribute", async () => {
    const [model, el] = await show(many(2));
    el.querySelector<HTMLElement>('[data-testid="slice-by"][data-name="species"]')?.click();
    expect(model.sent).toHaveLength(0);
  });
});

describe("any size", () => {
  it("says what to do when there is no slice", async () => {
    const [, el] = await show(many(0));
    expect(el.textContent).toContain("no slice yet");
  });

  it("shows a single slice", async () => {
    const [, el] = await show(many(1));
    expect(rowsOf(el)).toHaveLength(1);
    expect(el.textContent).toContain("1 slice");
  });

  it("draws only the rows in sight of 100,000, with room for all of them", async () => {
    const [, el] = await show(many(100_000));
    expect(rowsOf(el).length).toBeLessThan(60);
    const body = el.querySelector<HTMLElement>(".vd-st-body");
    expect(body?.style.height).toBe(`${100_000 * ROW_HEIGHT}px`);
    expect(el.querySelector('[role="grid"]')?.getAttribute("aria-rowcount")).toBe("100001");
  });

  it("draws what has been scrolled to, and keeps the active row for the keyboard", async () => {
    const [, el] = await show(many(100_000));
    const grid = el.querySelector<HTMLElement>('[role="grid"]') as HTMLElement;
    grid.scrollTop = 50_000 * ROW_HEIGHT;
    grid.dispatchEvent(new Event("scroll"));
    await settle();
    const positions = rowsOf(el).map((row) => Number(row.dataset.position));
    expect(positions).toContain(50_000);
    expect(positions).toContain(0);
  });

  it("works out ranges and scroll positions", () => {
    expect(visibleRange(0, 0, 300)).toEqual({ first: 0, last: 0 });
    expect(visibleRange(5, 0, 300).last).toBe(5);
    expect(scrollTopFor(0, 90, 300)).toBe(0);
    expect(scrollTopFor(20, 0, 300)).toBe(21 * ROW_HEIGHT - 300);
    expect(scrollTopFor(1, 0, 300)).toBe(0);
  });
});

describe("copying", () => {
  it("writes tab-separated text that names predictions as such", () => {
    const lines = toTsv(DATA, [1]).split("\n");
    expect(lines[0]).toContain("species\tplace\tpredicted_from_text");
    expect(lines[1]).toBe("mallard\tforest\t0.45\t3\t0.8\t0.7\t0.9\t12\tdisagree");
  });

  it("keeps a tab inside a name from making a column", () => {
    const data = { ...DATA, values: { ...DATA.values, species: ["a\tb", "c", "d"] } };
    expect(toTsv(data, [0]).split("\n")[1]?.split("\t")[0]).toBe("a b");
    expect(sliceOf(data, 0)).toEqual({ species: "a\tb", place: "ocean" });
  });

  it("copies the rows as shown", async () => {
    const write = vi.fn().mockResolvedValue(undefined);
    vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText: write } });
    const [, el] = await show(DATA);
    el.querySelector<HTMLElement>('[data-testid="slice-copy"]')?.click();
    await settle();
    expect(write.mock.calls[0]?.[0].split("\n")).toHaveLength(4);
    expect(el.textContent).toContain("copied");
    vi.unstubAllGlobals();
  });
});
