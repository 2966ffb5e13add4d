// Stands in for the notebook's model in tests of views. Not part of any bundle.
import type { AnyModel } from "@anywidget/types";
import { NOTHING_SELECTED } from "./status";

export interface Sent {
  id: string;
  kind: string;
  generation: number;
  payload: Record<string, unknown>;
  buffers: ArrayBuffer[];
}

// biome-ignore lint/suspicious/noExplicitAny: tests pass whatever the view under test expects
type Json = any;
type Answerer = (payload: Json, buffers: ArrayBuffer[]) => { payload?: Json; buffers?: DataView[] };

export interface FakeModel extends AnyModel {
  /** Requests the view has sent, oldest first. */
  readonly sent: Sent[];
  /** Values written by `save_changes`. */
  readonly saved: Record<string, Json>[];
  /** Answers a request (the last one sent unless named). */
  reply(payload: Json, buffers?: DataView[], request?: Sent): void;
  fail(error: { type: string; message: string; hint?: string }, request?: Sent): void;
  /** Says something unasked, as the kernel does. */
  push(kind: string, payload: Json, buffers?: DataView[], generation?: number): void;
  /** Changes a trait from the Python side. */
  change(name: string, value: Json): void;
  receive(message: Json, buffers?: DataView[]): void;
  /** How many callbacks are still registered. */
  listenerCount(): number;
}

const DEFAULTS = {
  heading: "A view",
  status: { phase: "ready", message: "", hint: "", weak: "", job: null },
  data: {},
  generation: 1,
  selection: NOTHING_SELECTED,
  focus: null,
  hover: null,
};

/** `answers` reply by kind at once (in a microtask); other requests wait for `reply` or `fail`. */
export function fakeModel(
  traits: Record<string, Json> = {},
  answers: Record<string, Answerer> = {},
): FakeModel {
  const values: Record<string, Json> = { ...DEFAULTS, ...traits };
  const listeners = new Map<string, Set<(...args: Json[]) => void>>();
  const emit = (name: string, ...args: Json[]) => {
    for (const fn of [...(listeners.get(name) ?? [])]) fn(...args);
  };
  let dirty: Record<string, Json> = {};
  const last = (model: FakeModel, request?: Sent) => {
    const sent = request ?? model.sent.at(-1);
    if (!sent) throw new Error("nothing was sent");
    return sent;
  };
  const model: FakeModel = {
    sent: [],
    saved: [],
    get: (name: Json) => values[name],
    set(name: Json, value: Json) {
      values[name] = value;
      dirty[name] = value;
      emit(`change:${name}`);
    },
    save_changes() {
      model.saved.push(dirty);
      dirty = {};
    },
    on(name: string, fn: (...args: Json[]) => void) {
      listeners.set(name, (listeners.get(name) ?? new Set()).add(fn));
    },
    off(name?: Json, fn?: Json) {
      if (name && fn) listeners.get(name)?.delete(fn);
      else if (name) listeners.delete(name);
      else listeners.clear();
    },
    send(content: Json, _callbacks?: Json, buffers: Json = []) {
      const sent: Sent = { ...content, buffers };
      model.sent.push(sent);
      const answer = answers[sent.kind];
      if (!answer) return;
      queueMicrotask(() => {
        const made = answer(sent.payload, sent.buffers);
        model.reply(made.payload ?? {}, made.buffers ?? [], sent);
      });
    },
    reply(payload, buffers = [], request) {
      const { id, kind, generation } = last(model, request);
      emit("msg:custom", { id, kind, generation, ok: true, payload }, buffers);
    },
    fail(error, request) {
      const { id, kind, generation } = last(model, request);
      emit("msg:custom", { id, kind, generation, ok: false, error: { hint: "", ...error } }, []);
    },
    push(kind, payload, buffers = [], generation = values.generation) {
      emit("msg:custom", { id: null, kind, generation, payload }, buffers);
    },
    change(name, value) {
      values[name] = value;
      emit(`change:${name}`);
    },
    receive: (message, buffers = []) => emit("msg:custom", message, buffers),
    listenerCount: () => [...listeners.values()].reduce((n, set) => n + set.size, 0),
    widget_manager: {
      get_model: () => Promise.reject(new Error("a fake model has no manager")),
    },
  };
  return model;
}

/** Lets pending promises, effects and renders happen. */
export function settle(milliseconds = 30): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
