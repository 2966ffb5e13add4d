import { afterEach, describe, expect, it } from "vitest";
import { type FakeModel, fakeModel, settle } from "../lib/testing";
import view from "./attribute_waterfall";
import {
  elide,
  grouped,
  niceLimit,
  steps,
  strongest,
  TOP,
  ticks,
  type WaterfallData,
} from "./attribute_waterfall/model";
import { aboutValue } from "./attribute_waterfall/words";

const EVIL = "<img src=x onerror=alert(1)>";

const DATA: WaterfallData = {
  target_class: "landbird",
  classes: ["landbird", "waterbird"],
  base: 0.51,
  n_texts: 24,
  attributes: [
    { attribute: "species", influence: 0.12 },
    { attribute: "place", influence: 0.3 },
  ],
  values: [
    { attribute: "species", value: "owl", influence: 0.12, difference: 0.2, n_texts: 12 },
    { attribute: "place", value: "ocean", influence: -0.34, difference: -0.28, n_texts: 12 },
    { attribute: "place", value: EVIL, influence: 0.26, difference: null, n_texts: 1 },
  ],
  detail: null,
};

const DETAIL = {
  label: "owl × ocean",
  n_texts: 3,
  base: 0.51,
  prediction: 0.29,
  parts: [
    { attribute: "species", value: "owl", n_values: 1, influence: 0.12 },
    { attribute: "place", value: "ocean", n_values: 1, influence: -0.34 },
  ],
  source: "slice_table",
};

let dispose: (() => void) | undefined;
afterEach(() => {
  dispose?.();
  document.body.replaceChildren();
});

async function show(data: WaterfallData, traits: object = {}): Promise<[FakeModel, HTMLElement]> {
  const model = fakeModel({ data, ...traits });
  const el = document.createElement("div");
  document.body.append(el);
  dispose = view.render({ model, el });
  await settle();
  return [model, el];
}

const bars = (el: HTMLElement) => [
  ...el.querySelectorAll<SVGElement>('[data-testid="influence-bar"]'),
];
const ids = (el: HTMLElement) => bars(el).map((bar) => bar.getAttribute("data-id"));
const click = (target: Element | undefined) =>
  target?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
const level = (el: HTMLElement) =>
  el.querySelector<HTMLElement>('[data-testid="waterfall"]')?.dataset.level;

describe("the class level", () => {
  it("groups values by attribute, the strongest first", async () => {
    const [, el] = await show(DATA);
    expect(ids(el)).toEqual(["place=ocean", `place=${EVIL}`, "species=owl"]);
  });

  it("writes signed figures with fixed decimals, and the base", async () => {
    const [, el] = await show(DATA);
    const figures = [...el.querySelectorAll(".vd-aw-figure")].map((text) => text.textContent);
    expect(figures).toEqual(["0.51", "−0.34", "+0.26", "+0.12"]);
  });

  it("draws negative and positive bars on either side of the base", async () => {
    const [, el] = await show(DATA);
    const at = (name: string) => Number(el.querySelector(name)?.getAttribute("x"));
    const zero = Number(el.querySelector(".vd-aw-basedot")?.getAttribute("cx"));
    expect(at(".vd-aw-negative")).toBeLessThan(zero);
    expect(at(".vd-aw-positive")).toBeCloseTo(zero);
  });

  it("keeps Shapley value and difference apart by name", () => {
    const about = aboutValue(DATA, DATA.values[1] as never);
    expect(about).toContain("influence −0.34 on p(landbird), Shapley value");
    expect(about).toContain("difference −0.28");
    expect(about).toContain("predicted from 12 texts");
  });

  it("says that the figures are predicted from texts", async () => {
    const [, el] = await show(DATA);
    expect(el.textContent).toContain("predicted from 24 texts");
  });

  it("never turns a name into markup", async () => {
    const [, el] = await show(DATA);
    expect(el.querySelector("img")).toBeNull();
    expect(bars(el)[1]?.getAttribute("aria-label")).toContain(EVIL);
  });

  it("shows the strongest first and the rest on request", async () => {
    const values = Array.from({ length: TOP + 5 }, (_, i) => ({
      attribute: "place",
      value: `p${i}`,
      influence: i / 100,
      difference: 0,
      n_texts: 1,
    }));
    const [, el] = await show({ ...DATA, values });
    expect(bars(el)).toHaveLength(TOP);
    const more = [...el.querySelectorAll("button")].find((b) => b.textContent === "show all 17");
    more?.click();
    await settle();
    expect(bars(el)).toHaveLength(TOP + 5);
  });

  it("survives an empty table and one row", async () => {
    const [model, el] = await show({ ...DATA, values: [], attributes: [] });
    expect(bars(el)).toHaveLength(0);
    model.change("data", { ...DATA, values: DATA.values.slice(0, 1) });
    await settle();
    expect(bars(el)).toHaveLength(1);
  });
});

describe("linking", () => {
  it("selects the slice of a value that is clicked", async () => {
    const [model, el] = await show(DATA);
    click(bars(el)[0]);
    expect(model.sent.at(-1)).toMatchObject({
      kind: "select",
      payload: { kind: "slice", slice: { place: "ocean" } },
    });
  });

  it("lights the selected value and the hovered one", async () => {
    const [, el] = await show(DATA, {
      selection: { kind: "slice", slice: { place: "ocean" } },
      hover: { slice: { species: "owl" } },
    });
    expect(bars(el)[0]?.getAttribute("aria-pressed")).toBe("true");
    expect(bars(el)[2]?.getAttribute("class")).toContain("vd-aw-hovered");
  });

  it("tells others which value the pointer is on", async () => {
    const [model, el] = await show(DATA);
    bars(el)[0]?.dispatchEvent(new MouseEvent("mouseenter"));
    expect(model.sent.at(-1)).toMatchObject({
      kind: "hover",
      payload: { slice: { place: "ocean" } },
    });
  });

  it("moves by arrow keys and picks by Enter", async () => {
    const [model, el] = await show(DATA);
    const press = (key: string) =>
      document.activeElement?.dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
      );
    bars(el)[0]?.focus();
    press("ArrowDown");
    press("Enter");
    expect(model.sent.at(-1)?.payload).toEqual({ kind: "slice", slice: { place: EVIL } });
  });

  it("asks for another class", async () => {
    const [model, el] = await show(DATA);
    const picker = el.querySelector<HTMLSelectElement>('[data-testid="target-class"]');
    if (!picker) throw new Error("no class picker");
    picker.value = "waterbird";
    picker.dispatchEvent(new Event("change", { bubbles: true }));
    expect(model.sent.at(-1)).toMatchObject({
      kind: "edit",
      payload: { target_class: "waterbird" },
    });
  });
});

describe("a selection", () => {
  it("runs from the base by attributes to the prediction", async () => {
    const [, el] = await show({ ...DATA, detail: DETAIL });
    const figures = [...el.querySelectorAll(".vd-aw-figure")].map((text) => text.textContent);
    expect(figures).toEqual(["0.51", "+0.12", "−0.34", "0.29"]);
    expect(level(el)).toBe("selection");
  });

  it("sums up exactly", () => {
    const found = steps(DETAIL);
    expect(found[0]).toMatchObject({ from: 0.51 });
    expect(found.at(-1)?.to).toBeCloseTo(DETAIL.prediction, 10);
  });

  it("can be left for the class level, and comes back with another selection", async () => {
    const [model, el] = await show({ ...DATA, detail: DETAIL });
    [...el.querySelectorAll("button")].find((b) => b.textContent === "all values")?.click();
    await settle();
    expect(level(el)).toBe("class");
    model.change("data", { ...DATA, detail: { ...DETAIL, label: "mallard × ocean" } });
    await settle();
    expect(level(el)).toBe("selection");
  });

  it("stays at the class level when the value was picked in this chart", async () => {
    const [, el] = await show({ ...DATA, detail: { ...DETAIL, source: "attribute_waterfall" } });
    expect(level(el)).toBe("class");
  });

  it("names an attribute whose texts differ by itself", async () => {
    const parts = [{ attribute: "species", value: null, n_values: 5, influence: 0.1 }];
    const [, el] = await show({ ...DATA, detail: { ...DETAIL, parts } });
    expect(el.textContent).toContain("species (5)");
    expect(bars(el)).toHaveLength(0);
  });
});

describe("the table", () => {
  it("holds the same figures", async () => {
    const [, el] = await show(DATA);
    el.querySelector<HTMLElement>('[aria-label="show as table"]')?.click();
    await settle();
    const cells = [...el.querySelectorAll("tbody tr")].map((row) =>
      [...row.children].map((cell) => cell.textContent),
    );
    expect(cells[0]).toEqual(["place", "ocean", "−0.34", "−0.28", "12"]);
    expect(cells[1]?.[3]).toBe("–");
  });
});

describe("layout", () => {
  it("orders by strength, whatever the sign", () => {
    expect(strongest(DATA.values, 2).map((value) => value.value)).toEqual(["ocean", EVIL]);
    expect(grouped(DATA, strongest(DATA.values, 1))).toHaveLength(1);
  });

  it("chooses round limits and ticks", () => {
    expect(niceLimit([0.34, -0.1])).toBe(0.4);
    expect(niceLimit([])).toBe(0.05);
    expect(ticks(0, 1, 5)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(ticks(0, 1, 3)).toEqual([0, 0.5, 1]);
  });

  it("cuts long names", () => {
    expect(elide("bamboo forest", 200)).toBe("bamboo forest");
    expect(elide("bamboo forest", 50)).toBe("bamboo …");
  });
});
