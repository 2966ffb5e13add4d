import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeModel, fakeModel, settle } from "../lib/testing";
import editor, { type AttributesData } from "./attribute_editor";

const value = (name: string, images: number | null = 20, unknown: string[] = []) => ({
  value: name,
  images,
  class: null,
  unknown,
});

const DATA: AttributesData = {
  attributes: [
    {
      name: "species",
      labelled: true,
      in_prompts: true,
      values: [value("mallard"), value("eagle")],
      ungrouped: [],
      known: { goose: "waterbird" },
    },
    {
      name: "place",
      labelled: false,
      in_prompts: true,
      values: [value("lake"), value("ocean"), value("xanadu", 0, ["xanadu"])],
      ungrouped: [{ derived: "habitat", value: "xanadu", groups: ["land", "water"] }],
      known: {},
    },
  ],
  classes: ["landbird", "waterbird"],
  encoder: "demo@1",
  columns: ["season"],
};

let host: HTMLElement;
let stop: () => void;
let model: FakeModel;

function show(data: AttributesData = DATA): void {
  model = fakeModel({ data });
  stop = editor.render({ model, el: host });
}

beforeEach(() => {
  host = document.createElement("div");
  document.body.append(host);
  show();
});

afterEach(() => {
  stop();
  host.remove();
});

const find = <E extends HTMLElement = HTMLElement>(selector: string) => {
  const found = host.querySelector<E>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
};
const input = (attribute: string) =>
  find<HTMLInputElement>(`[data-testid=attribute-input][data-attribute=${attribute}]`);
const chip = (name: string) => find(`[data-testid=attribute-chip][data-value="${name}"]`);
const chips = (): string[] =>
  [...host.querySelectorAll<HTMLElement>("[data-testid=attribute-chip]")].map(
    (node) => node.dataset.value ?? "",
  );

async function type(field: HTMLInputElement, text: string): Promise<void> {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await settle();
}

async function press(node: HTMLElement, key: string, more: KeyboardEventInit = {}): Promise<void> {
  node.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }),
  );
  await settle();
}

async function paste(field: HTMLInputElement, text: string): Promise<void> {
  const event = new Event("paste", { bubbles: true, cancelable: true });
  Object.defineProperty(event, "clipboardData", { value: { getData: () => text } });
  field.dispatchEvent(event);
  await settle();
}

describe("adding", () => {
  it("shows a dimmed chip at once and sends the value", async () => {
    await type(input("place"), " bamboo  forest ");
    await press(input("place"), "Enter");
    expect(model.sent.at(-1)).toMatchObject({
      kind: "add_values",
      payload: { attribute: "place", values: ["bamboo forest"], classes: {} },
    });
    expect(chip("bamboo forest").getAttribute("aria-busy")).toBe("true");
    expect(input("place").value).toBe("");
  });

  it("makes the dimmed chip a real one when the data arrive", async () => {
    await type(input("place"), "desert");
    await press(input("place"), "Enter");
    const [species, place] = DATA.attributes;
    if (!species || !place) throw new Error("no data");
    model.reply({});
    model.change("data", {
      ...DATA,
      attributes: [species, { ...place, values: [...place.values, value("desert")] }],
    });
    await settle();
    expect(chips().filter((name) => name === "desert")).toHaveLength(1);
    expect(chip("desert").getAttribute("aria-busy")).toBe("false");
  });

  it("takes a pasted list", async () => {
    await paste(input("place"), "desert, forest\nriver");
    expect(model.sent.at(-1)?.payload).toMatchObject({ values: ["desert", "forest", "river"] });
  });

  it("keeps what was typed when the kernel refuses", async () => {
    await type(input("place"), "dese{rt");
    await press(input("place"), "Enter");
    model.fail({ type: "InputError", message: "A value has a brace.", hint: "Remove it." });
    await settle();
    expect(find("[data-testid=attribute-error]").textContent).toBe(
      "A value has a brace. Remove it.",
    );
    expect(input("place").value).toBe("dese{rt");
    expect(chips()).not.toContain("dese{rt");
  });

  it("says so when the value is there already, whatever its case", async () => {
    await type(input("place"), "Lake");
    await press(input("place"), "Enter");
    expect(find("[data-testid=attribute-note]").textContent).toContain("“Lake” is already here");
    expect(model.sent).toHaveLength(0);
  });
});

describe("a value without a class", () => {
  it("is asked for one before it is sent", async () => {
    await type(input("species"), "gull");
    await press(input("species"), "Enter");
    expect(model.sent).toHaveLength(0);
    const select = find<HTMLSelectElement>("[data-testid=attribute-class]");
    select.value = "waterbird";
    select.dispatchEvent(new Event("change", { bubbles: true }));
    await settle();
    expect(model.sent.at(-1)?.payload).toMatchObject({
      values: ["gull"],
      classes: { gull: "waterbird" },
    });
  });

  it("goes back into the field when the question is left", async () => {
    await type(input("species"), "gull");
    await press(input("species"), "Enter");
    await press(find("[data-testid=attribute-ask-class]"), "Escape");
    expect(input("species").value).toBe("gull");
    expect(host.querySelector("[data-testid=attribute-ask-class]")).toBeNull();
  });

  it("is not asked when the images tell", async () => {
    await type(input("species"), "goose");
    await press(input("species"), "Enter");
    expect(model.sent.at(-1)?.payload).toMatchObject({ values: ["goose"] });
  });
});

describe("a chip", () => {
  it("goes with Delete, dimmed until the data arrive", async () => {
    await press(chip("lake"), "Delete");
    expect(model.sent.at(-1)).toMatchObject({
      kind: "remove_value",
      payload: { attribute: "place", value: "lake" },
    });
    expect(chip("lake").getAttribute("aria-busy")).toBe("true");
    model.fail({ type: "InputError", message: "It is the last one." });
    await settle();
    expect(chip("lake").getAttribute("aria-busy")).toBe("false");
  });

  it("goes with its cross", async () => {
    find("[data-value=ocean] [data-testid=attribute-remove]").click();
    await settle();
    expect(model.sent.at(-1)?.payload).toMatchObject({ value: "ocean" });
  });

  it("is renamed with F2, and keeps the text when refused", async () => {
    await press(chip("lake"), "F2");
    const field = find<HTMLInputElement>("[data-testid=attribute-rename]");
    await type(field, "pond");
    await press(field, "Enter");
    expect(model.sent.at(-1)).toMatchObject({
      kind: "rename_value",
      payload: { attribute: "place", value: "lake", to: "pond" },
    });
    model.fail({ type: "InputError", message: "No." });
    await settle();
    expect(find<HTMLInputElement>("[data-testid=attribute-rename]").value).toBe("pond");
  });

  it("hands the focus on with the arrow keys", async () => {
    chip("lake").focus();
    await press(chip("lake"), "ArrowRight");
    expect(document.activeElement).toBe(chip("ocean"));
    await press(chip("ocean"), "End");
    expect(document.activeElement).toBe(chip("xanadu"));
  });

  it("warns of words the encoder never learned", () => {
    const sign = chip("xanadu").querySelector("[data-testid=unknown-word]");
    expect(sign?.getAttribute("title")).toContain("not in demo@1's vocabulary");
    expect(chip("lake").querySelector("[data-testid=unknown-word]")).toBeNull();
  });
});

it("asks for the group of a value without standing in the way", async () => {
  const asked = find("[data-testid=attribute-ask-group]");
  expect(asked.textContent).toContain("Which habitat is “xanadu”?");
  asked.querySelectorAll("button")[1]?.click();
  await settle();
  expect(model.sent.at(-1)).toMatchObject({
    kind: "set_group",
    payload: { attribute: "place", value: "xanadu", derived: "habitat", group: "water" },
  });
});

it("undoes with Ctrl+Z, but not while text is being typed", async () => {
  await press(chip("lake"), "z", { ctrlKey: true });
  expect(model.sent.at(-1)?.kind).toBe("undo");
  await press(chip("lake"), "Z", { ctrlKey: true, shiftKey: true });
  expect(model.sent.at(-1)?.kind).toBe("redo");
  const count = model.sent.length;
  await type(input("place"), "des");
  await press(input("place"), "z", { ctrlKey: true });
  expect(model.sent).toHaveLength(count);
});

it("adds an attribute of the data without values", async () => {
  find("[data-testid=attribute-new]").click();
  await settle();
  await type(find<HTMLInputElement>("[data-testid=attribute-new-name]"), "season");
  find("form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  await settle();
  expect(model.sent.at(-1)).toMatchObject({
    kind: "add_attribute",
    payload: { attribute: "season", values: [] },
  });
});

it("shows markup in a value as text", async () => {
  stop();
  const nasty = "<img src=x onerror=alert(1)>";
  const [species] = DATA.attributes;
  if (!species) throw new Error("no data");
  show({ ...DATA, attributes: [{ ...species, values: [value(nasty)] }] });
  expect(host.querySelector("img")).toBeNull();
  expect(host.textContent).toContain(nasty);
});
