import { afterEach, describe, expect, it } from "vitest";
import { NOTHING_SELECTED } from "../lib/status";
import { type FakeModel, fakeModel, settle } from "../lib/testing";
import footer from "./dashboard_footer";
import header from "./dashboard_header";

const undo: (() => void)[] = [];
function show(which: typeof header | typeof footer, model: FakeModel): HTMLElement {
  const el = document.body.appendChild(document.createElement("div"));
  undo.push(which.render({ model, el }));
  return el.querySelector(".vd-view") as HTMLElement;
}

const HEAD = {
  title: "demo@1 · waterbirds · linear probe",
  trust: "texts agree with images on 14 of 16 slices",
  trust_phase: "ready",
  trust_error: "",
  agree: [14, 16],
  can_undo: true,
  can_redo: false,
  notes: ["habitat was read from the data"],
};

afterEach(() => {
  for (const fn of undo.splice(0)) fn();
  document.body.replaceChildren();
});

describe("the dashboard's header", () => {
  it("names what is diagnosed and whether to believe it", () => {
    const host = show(header, fakeModel({ data: HEAD }));
    expect(host.querySelector("h2")?.textContent).toBe(HEAD.title);
    expect(host.querySelector("[data-testid=trust]")?.textContent).toBe(HEAD.trust);
  });

  it("says why there is no trust line, or that it is on its way", async () => {
    const model = fakeModel({ data: { ...HEAD, trust: "", trust_phase: "loading" } });
    const host = show(header, model);
    expect(host.textContent).toContain("comparing texts with images");
    model.change("data", { ...HEAD, trust_phase: "failed", trust_error: "No texts." });
    await settle();
    expect(host.textContent).toContain("No texts.");
  });

  it("undoes by button and by key, but not while text is typed", async () => {
    const model = fakeModel({ data: HEAD });
    const host = show(header, model);
    await settle();
    expect(host.querySelector<HTMLButtonElement>("[data-testid=dashboard-redo]")?.disabled).toBe(
      true,
    );
    host.querySelector<HTMLElement>("[data-testid=dashboard-undo]")?.click();
    const press = (target: Element, key: string, shiftKey = false) =>
      target.dispatchEvent(
        new KeyboardEvent("keydown", { key, ctrlKey: true, shiftKey, bubbles: true }),
      );
    press(host, "z");
    press(host, "Z", true);
    press(host, "y");
    press(host.appendChild(document.createElement("input")), "z");
    expect(model.sent.map((s) => s.kind)).toEqual(["undo", "undo", "redo", "redo"]);
  });
});

describe("the dashboard's footer", () => {
  it("counts texts, shows the running job and lets it be cancelled", async () => {
    const model = fakeModel({ data: { n_texts: 3200, n_broken: 1 }, job: null });
    const host = show(footer, model);
    expect(host.textContent).toContain("3,200 texts");
    expect(host.textContent).toContain("1 image could not be read");
    model.change("job", {
      id: 3,
      label: "embedding texts",
      done: 12,
      total: 12,
      cancellable: true,
    });
    await settle();
    expect(host.textContent).toContain("embedding texts 12 of 12");
    [...host.querySelectorAll("button")].find((b) => b.textContent === "cancel")?.click();
    expect(model.sent[0]).toMatchObject({ kind: "cancel", payload: { job: 3 } });
  });

  it("names the selection in words and clears it", async () => {
    const selection = { ...NOTHING_SELECTED, kind: "slice", label: "landbird × ocean, 40 images" };
    const model = fakeModel({ data: { n_texts: 1, n_broken: 0 }, job: null, selection });
    const host = show(footer, model);
    expect(host.querySelector("[data-testid=selection]")?.textContent).toBe(selection.label);
    host.querySelector<HTMLElement>("[data-testid=clear-selection]")?.click();
    expect(model.sent[0]?.payload).toEqual({ kind: "clear" });
    model.change("selection", NOTHING_SELECTED);
    await settle();
    expect(host.textContent).toContain("nothing selected");
  });
});
