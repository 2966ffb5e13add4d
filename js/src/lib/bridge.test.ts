import { describe, expect, it, vi } from "vitest";
import protocol from "../../../tests/protocol_cases.json";
import { createBridge, ViewError } from "./bridge";
import { rowsBuffer } from "./buffers";
import { fakeModel, settle } from "./testing";

type Case = (typeof protocol.cases)[number] & {
  request_buffers?: string[];
  reply_buffers?: string[];
};

function bytes(word: string): ArrayBuffer {
  if (word.startsWith("rows:")) return rowsBuffer(word.slice(5).split(",").map(Number));
  return new TextEncoder().encode(word).buffer as ArrayBuffer;
}

describe("the protocol", () => {
  it.each(protocol.cases as Case[])("$name: asked and understood as agreed", async (example) => {
    const { kind, generation, payload } = example.request;
    const model = fakeModel({ generation });
    const bridge = createBridge(model);
    const buffers = (example.request_buffers ?? []).map(bytes);
    const answer = bridge.request(kind, payload, { buffers });
    const { id, buffers: sentBuffers, ...sent } = model.sent[0] as (typeof model.sent)[0];
    expect(sent).toEqual(example.request);
    expect(sentBuffers).toEqual(buffers);
    const views = (example.reply_buffers ?? []).map((word) => new DataView(bytes(word)));
    model.receive({ id, kind, generation, ...example.reply }, views);
    if (example.reply.ok) {
      await expect(answer).resolves.toEqual({ payload: example.reply.payload, buffers: views });
    } else {
      await expect(answer).rejects.toMatchObject({ ...example.reply.error });
      expect(bridge.failure.value).toBeInstanceOf(ViewError);
    }
  });
});

describe("requests", () => {
  it("ignores answers to other views of the same model", async () => {
    const model = fakeModel();
    const [one, two] = [createBridge(model), createBridge(model)];
    const first = one.request("undo");
    const second = two.request("undo");
    const [a, b] = model.sent;
    expect(a?.id).not.toBe(b?.id);
    model.reply({ who: "two" }, [], b);
    model.reply({ who: "one" }, [], a);
    expect((await first).payload).toEqual({ who: "one" });
    expect((await second).payload).toEqual({ who: "two" });
  });

  it("gives up when aborted, and drops the late answer", async () => {
    const model = fakeModel();
    const bridge = createBridge(model);
    const abort = new AbortController();
    const answer = bridge.request("describe", {}, { signal: abort.signal });
    abort.abort();
    await expect(answer).rejects.toMatchObject({ name: "AbortError" });
    model.reply({});
    expect(bridge.failure.value).toBeNull();
  });

  it("sends nothing for what was aborted before", async () => {
    const model = fakeModel();
    const answer = createBridge(model).request("undo", {}, { signal: AbortSignal.abort() });
    await expect(answer).rejects.toMatchObject({ name: "AbortError" });
    expect(model.sent).toHaveLength(0);
  });

  it("drops an answer that belongs to an older generation, where that was asked for", async () => {
    const model = fakeModel({ generation: 4 });
    const bridge = createBridge(model);
    const fresh = bridge.request("points", {}, { fresh: true });
    const any = bridge.request("thumbnails");
    model.change("generation", 5);
    model.reply({}, [], model.sent[0]);
    model.reply({ rows: [] }, [], model.sent[1]);
    await expect(fresh).rejects.toMatchObject({ name: "AbortError" });
    await expect(any).resolves.toMatchObject({ payload: { rows: [] } });
  });

  it("says when the kernel does not answer", async () => {
    vi.useFakeTimers();
    const bridge = createBridge(fakeModel());
    const answer = bridge.request("undo", {}, { timeout: 1000 });
    const outcome = expect(answer).rejects.toMatchObject({ type: "NoAnswer" });
    await vi.advanceTimersByTimeAsync(1001);
    await outcome;
    expect(bridge.failure.value?.hint).toContain("run this cell again");
    vi.useRealTimers();
  });

  it("keeps quiet failures to the caller", async () => {
    const model = fakeModel();
    const bridge = createBridge(model);
    const answer = bridge.request("thumbnails", {}, { quiet: true });
    model.fail({ type: "InputError", message: "no images" });
    await expect(answer).rejects.toMatchObject({ message: "no images" });
    expect(bridge.failure.value).toBeNull();
  });

  it("shows the failure of what nobody waits for", async () => {
    const model = fakeModel();
    const bridge = createBridge(model);
    bridge.fire("edit", { gap: "ajar" });
    model.fail({ type: "InputError", message: "gap is 'ajar'", hint: "open or closed" });
    await settle();
    expect(bridge.failure.value?.message).toBe("gap is 'ajar'");
  });
});

describe("what the kernel says unasked", () => {
  it("reaches listeners until they leave, newest generation only", () => {
    const model = fakeModel();
    const bridge = createBridge(model);
    const heard: unknown[] = [];
    const leave = bridge.on("points", (payload) => heard.push(payload));
    model.push("points", "a", [], 2);
    model.push("points", "late", [], 1);
    model.push("points", "b", [], 2);
    model.push("other", "c", [], 9);
    leave();
    model.push("points", "gone", [], 3);
    expect(heard).toEqual(["a", "b"]);
  });
});

describe("traits", () => {
  it("are live signals, one a name", () => {
    const model = fakeModel({ heading: "One" });
    const bridge = createBridge(model);
    const heading = bridge.trait<string>("heading");
    expect(bridge.trait("heading")).toBe(heading);
    model.change("heading", "Two");
    expect(heading.value).toBe("Two");
    bridge.set("heading", "Three");
    expect(heading.value).toBe("Three");
    expect(model.saved).toEqual([{ heading: "Three" }]);
  });

  it("leave nothing behind when disposed", async () => {
    const model = fakeModel();
    const bridge = createBridge(model);
    bridge.trait("heading");
    const answer = bridge.request("undo");
    bridge.dispose();
    expect(model.listenerCount()).toBe(0);
    await expect(answer).rejects.toMatchObject({ name: "AbortError" });
  });
});
