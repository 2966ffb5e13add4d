import { render } from "preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createBridge } from "./bridge";
import { fakeModel, settle } from "./testing";
import { Thumbnail, ThumbnailLoader } from "./thumbnails";

function loader() {
  const model = fakeModel(
    {},
    {
      thumbnails: ({ rows }) => ({
        payload: { rows, mime: rows.map(() => "image/webp") },
        buffers: rows.map((row: number) => new DataView(Uint8Array.of(0, 0, row).buffer, 2)),
      }),
    },
  );
  return { model, loader: new ThumbnailLoader(createBridge(model)) };
}

describe("thumbnails", () => {
  it("asked for together travel in one message, by size", async () => {
    const { model, loader: it } = loader();
    const urls = await Promise.all([it.url(65), it.url(66), it.url(65), it.url(67, 32)]);
    expect(model.sent.map((sent) => sent.payload)).toEqual([
      { rows: [65, 66], size: 96 },
      { rows: [67], size: 32 },
    ]);
    expect(urls[0]).toBe(`data:image/webp;base64,${btoa("A")}`);
    expect(urls[2]).toBe(urls[0]);
  });

  it("many are asked for in batches, and kept", async () => {
    const { model, loader: it } = loader();
    await Promise.all(Array.from({ length: 100 }, (_, row) => it.url(row)));
    expect(model.sent.map((sent) => (sent.payload.rows as number[]).length)).toEqual([48, 48, 4]);
    await it.url(99);
    expect(model.sent).toHaveLength(3);
  });

  it("the oldest are forgotten", async () => {
    const { model, loader: it } = loader();
    await it.url(0);
    for (let row = 1; row <= 600; row++) void it.url(row);
    await settle();
    const before = model.sent.length;
    await it.url(0);
    expect(model.sent).toHaveLength(before + 1);
  });

  it("one that failed can be asked for again", async () => {
    const model = fakeModel();
    const made = new ThumbnailLoader(createBridge(model));
    const first = made.url(1);
    const outcome = expect(first).rejects.toMatchObject({ message: "busy" });
    await settle();
    model.fail({ type: "Error", message: "busy" });
    await outcome;
    void made.url(1).catch(() => {});
    await settle();
    expect(model.sent).toHaveLength(2);
  });
});

describe("a thumbnail on the page", () => {
  let seen: (() => void)[] = [];
  beforeEach(() => {
    seen = [];
    vi.stubGlobal(
      "IntersectionObserver",
      class {
        constructor(fn: (entries: { isIntersecting: boolean }[]) => void) {
          seen.push(() => fn([{ isIntersecting: true }]));
        }
        observe() {}
        disconnect() {}
      },
    );
  });
  afterEach(() => vi.unstubAllGlobals());

  it("is asked for only when it comes into sight", async () => {
    const { model } = loader();
    const host = document.createElement("div");
    render(<Thumbnail bridge={createBridge(model)} row={7} alt="an owl" />, host);
    await settle();
    expect(model.sent).toHaveLength(0);
    for (const see of seen) see();
    await settle();
    expect(host.querySelector("img")?.alt).toBe("an owl");
    expect(host.querySelector(".vd-thumb")?.getAttribute("data-loaded")).toBe("true");
    render(null, host);
  });

  it("says so when there is no image", async () => {
    const model = fakeModel();
    const host = document.createElement("div");
    render(<Thumbnail bridge={createBridge(model)} row={7} alt="an owl" />, host);
    await settle();
    for (const see of seen) see();
    await settle();
    model.fail({ type: "InputError", message: "no images" });
    await settle();
    expect(host.textContent).toBe("no image");
    render(null, host);
  });
});
