import { afterEach, describe, expect, it, vi } from "vitest";
import { type FakeModel, fakeModel, settle } from "./testing";
import { defineView, type ViewProps } from "./view";

const Toy = ({ data, bridge }: ViewProps<{ n: number }>) => (
  <button type="button" onClick={() => bridge.fire("edit", { n: 1 })}>
    {data.value.n} slices
  </button>
);
const view = defineView<{ n: number }>({ name: "toy", className: "vd-toy", Component: Toy });
const undo: (() => void)[] = [];

function show(model: FakeModel, which = view): HTMLElement {
  const el = document.body.appendChild(document.createElement("div"));
  undo.push(which.render({ model, el }));
  return el.querySelector(".vd-view") as HTMLElement;
}

const status = (phase: string, more = {}) => ({
  phase,
  message: "",
  hint: "",
  weak: "",
  job: null,
  ...more,
});

afterEach(() => {
  for (const fn of undo.splice(0)) fn();
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

describe("the frame of a view", () => {
  it("shows heading and content when ready", () => {
    const host = show(fakeModel({ heading: "Toy <b>", data: { n: 3 } }));
    expect(host.dataset).toMatchObject({
      view: "toy",
      phase: "ready",
      lmSuppressShortcuts: "true",
    });
    expect(host.querySelector("h3")?.textContent).toBe("Toy <b>");
    expect(host.textContent).toContain("3 slices");
  });

  it("loading: progress with a way to stop it", async () => {
    const job = { id: 7, label: "embedding images", done: 12, total: 48, cancellable: true };
    const model = fakeModel({ status: status("loading", { job }) });
    const host = show(model);
    expect(host.textContent).toContain("embedding images 12 of 48");
    expect(host.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow")).toBe("12");
    [...host.querySelectorAll("button")].find((b) => b.textContent === "cancel")?.click();
    expect(model.sent[0]).toMatchObject({ kind: "cancel", payload: { job: 7 } });
  });

  it("stale: what was there stays", async () => {
    const model = fakeModel({ data: { n: 3 } });
    const host = show(model);
    model.change("status", status("stale"));
    await settle();
    expect(host.dataset.phase).toBe("stale");
    expect(host.textContent).toContain("updating…");
    expect(host.textContent).toContain("3 slices");
  });

  it("failed: what went wrong, what to do, and the last good result", async () => {
    const model = fakeModel({ data: { n: 3 } });
    const host = show(model);
    model.change("status", status("failed", { message: "Too many texts.", hint: "Take fewer." }));
    await settle();
    expect(host.querySelector("[role=alert]")?.textContent).toContain("Too many texts.");
    expect(host.textContent).toContain("Take fewer.");
    expect(host.textContent).toContain("3 slices");
  });

  it("empty and weak are said in words", async () => {
    const model = fakeModel({
      status: status("empty", { message: "No slice.", hint: "Add one." }),
    });
    const host = show(model);
    expect(host.textContent).toContain("No slice.");
    model.change("data", { n: 2 });
    model.change("status", status("ready", { weak: "Only two slices." }));
    await settle();
    expect(host.querySelector("[role=note]")?.textContent).toBe("Only two slices.");
  });

  it("a failed request is a toast that can be dismissed", async () => {
    const model = fakeModel({ data: { n: 3 } });
    const host = show(model);
    host.querySelector<HTMLElement>(".vd-body button")?.click();
    model.fail({ type: "InputError", message: "No setting n.", hint: "Did you mean gap?" });
    await settle();
    expect(host.querySelector(".vd-toast")?.textContent).toContain("Did you mean gap?");
    host.querySelector<HTMLElement>(".vd-toast button")?.click();
    await settle();
    expect(host.querySelector(".vd-toast")).toBeNull();
  });
});

describe("the three actions", () => {
  it("are a menu by keys; code is copied", async () => {
    const written: string[] = [];
    vi.stubGlobal("navigator", { clipboard: { writeText: async (t: string) => written.push(t) } });
    const model = fakeModel({ data: { n: 1 } }, { action: () => ({ payload: { code: "audit" } }) });
    const host = show(model);
    host.querySelector<HTMLElement>("[aria-haspopup]")?.click();
    await settle();
    const items = [...host.querySelectorAll<HTMLElement>("[role=menuitem]")];
    expect(items.map((item) => item.textContent)).toEqual(["Data", "Code", "Picture"]);
    expect(document.activeElement).toBe(items[0]);
    items[0]?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
    expect(document.activeElement).toBe(items[1]);
    items[1]?.click();
    await settle();
    expect(model.sent[0]?.payload).toEqual({ name: "code" });
    expect(written).toEqual(["audit"]);
    expect(host.textContent).toContain("Code copied");
  });

  it("close on Escape", async () => {
    const host = show(fakeModel({ data: { n: 1 } }));
    host.querySelector<HTMLElement>("[aria-haspopup]")?.click();
    await settle();
    host
      .querySelector("[role=menuitem]")
      ?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    await settle();
    expect(host.querySelector("[role=menu]")).toBeNull();
  });
});

describe("a view that ends", () => {
  it("leaves nothing behind", () => {
    const model = fakeModel({ data: { n: 3 } });
    const el = document.createElement("div");
    const stop = view.render({ model, el });
    expect(model.listenerCount()).toBeGreaterThan(0);
    stop();
    expect(el.childElementCount).toBe(0);
    expect(model.listenerCount()).toBe(0);
  });

  it("may be bare", () => {
    const bare = defineView<{ n: number }>({ name: "bare", Component: Toy, bare: true });
    const host = show(fakeModel({ data: { n: 3 } }), bare);
    expect(host.querySelector(".vd-frame")).toBeNull();
    expect(host.textContent).toBe("3 slices");
  });
});
