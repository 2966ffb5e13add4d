import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeModel, fakeModel, settle } from "../lib/testing";
import editor, { type PromptsData } from "./prompt_editor";
import type { Check } from "./prompt_editor/drafts";

const GOOD: Check = {
  errors: [],
  texts: 96,
  fresh: 0,
  samples: [{ text: "a photo of a mallard in the lake.", values: ["mallard", "lake"] }],
  unknown: [[]],
  notes: [],
};

const DATA: PromptsData = {
  templates: ["a photo of a [{species}|bird][ in the {place}]."],
  ensemble: false,
  attributes: ["species", "place"],
  encoder: "demo@1",
  check: GOOD,
};

const BAD: Check = {
  ...GOOD,
  texts: 0,
  samples: [],
  errors: [
    {
      index: 0,
      message: "The bracket [ is never closed at position 3.",
      hint: "Add a ].",
      position: 2,
    },
  ],
};

let host: HTMLElement;
let stop: () => void;
let model: FakeModel;
let check: Check;

function show(data: PromptsData = DATA): void {
  check = GOOD;
  model = fakeModel(
    { data },
    { preview: () => ({ payload: check }), edit: () => ({ payload: {} }) },
  );
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

const field = (index = 0) => {
  const found = host.querySelectorAll<HTMLTextAreaElement>("[data-testid=prompt-input]")[index];
  if (!found) throw new Error(`no prompt ${index}`);
  return found;
};
const text = (testid: string) => host.querySelector(`[data-testid=${testid}]`)?.textContent ?? "";
const edits = () => model.sent.filter((sent) => sent.kind === "edit").map((sent) => sent.payload);

async function type(value: string, index = 0): Promise<void> {
  field(index).value = value;
  field(index).dispatchEvent(new Event("input", { bubbles: true }));
  await settle();
}

async function enter(index = 0): Promise<void> {
  field(index).dispatchEvent(
    new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }),
  );
  await settle();
}

describe("typing", () => {
  it("previews after a pause and applies on Enter", async () => {
    check = { ...GOOD, texts: 108, fresh: 12 };
    await type("a drawing of a {species}.");
    expect(model.sent).toHaveLength(0);
    await settle(200);
    expect(model.sent.map((sent) => sent.kind)).toEqual(["preview"]);
    expect(text("prompt-count")).toContain("108 texts, 12 new");
    await enter();
    expect(edits()).toEqual([{ templates: ["a drawing of a {species}."] }]);
  });

  it("asks once for many keys", async () => {
    await type("a");
    await type("a d");
    await type("a dr");
    await settle(200);
    expect(model.sent).toHaveLength(1);
  });

  it("applies by itself once the prompt is good and still", async () => {
    await type("a drawing of a {species}.");
    await settle(1300);
    expect(edits()).toHaveLength(1);
  });

  it("keeps the text and the last good preview when the kernel finds a mistake", async () => {
    check = BAD;
    await type("a [{species}");
    await enter();
    expect(text("prompt-error")).toContain("never closed at position 3. Add a ].");
    expect(field().value).toBe("a [{species}");
    expect(text("prompt-preview")).toContain("a photo of a mallard in the lake.");
    expect(host.querySelector("mark")?.textContent).toBe("[");
    expect(edits()).toEqual([]);
  });

  it("does not overwrite what is being typed with an older answer", async () => {
    await type("a drawing of a {species}.");
    model.change("data", { ...DATA });
    await settle();
    expect(field().value).toBe("a drawing of a {species}.");
  });

  it("takes over prompts changed elsewhere", async () => {
    model.change("data", { ...DATA, templates: ["a {place}."] });
    await settle();
    expect(field().value).toBe("a {place}.");
  });
});

describe("prompts", () => {
  it("are added and removed", async () => {
    host.querySelector<HTMLElement>("[data-testid=prompt-add]")?.click();
    await settle();
    expect(document.activeElement).toBe(field(1));
    await type("a {place}.", 1);
    await enter(1);
    expect(edits()).toEqual([{ templates: [...DATA.templates, "a {place}."] }]);
    host.querySelector<HTMLElement>("[aria-label='remove prompt 1']")?.click();
    await settle();
    expect(edits().at(-1)).toEqual({ templates: ["a {place}."] });
  });

  it("may be wrapped in the 80 templates", async () => {
    host.querySelector<HTMLElement>("[data-testid=prompt-ensemble]")?.click();
    await settle();
    expect(edits()).toEqual([{ ensemble: true }]);
  });
});

it("warns of words the encoder never learned", () => {
  stop();
  show({ ...DATA, check: { ...GOOD, unknown: [["daguerreotype"]] } });
  const sign = host.querySelector("[data-testid=unknown-word]");
  expect(sign?.getAttribute("title")).toContain("“daguerreotype”: not in demo@1's vocabulary");
});

it("shows markup as text, in the field and in the preview", async () => {
  stop();
  const nasty = "<img src=x onerror=alert(1)> {species}";
  const samples = [{ text: nasty, values: ["<img"] }];
  show({ ...DATA, templates: [nasty], check: { ...GOOD, samples } });
  expect(host.querySelector("img")).toBeNull();
  expect(text("prompt-preview")).toContain(nasty);
});
