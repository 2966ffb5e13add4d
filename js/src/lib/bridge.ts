// The one way a view speaks with its Python twin. Keep in sync with vlmdiag_widgets/widgets/messages.py.
import type { AnyModel } from "@anywidget/types";
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";

/** What the kernel says when it cannot do what was asked. */
export class ViewError extends Error {
  constructor(
    readonly type: string,
    message: string,
    readonly hint = "",
  ) {
    super(message);
    this.name = "ViewError";
  }
}

export interface RequestOptions {
  buffers?: ArrayBuffer[];
  signal?: AbortSignal;
  /** Reject the answer when `generation` has moved on since it was asked. */
  fresh?: boolean;
  /** Do not show a failure in the view; the caller handles it. */
  quiet?: boolean;
  /** Milliseconds to wait for the kernel; 0 waits for ever. */
  timeout?: number;
}

export interface Answer<T> {
  payload: T;
  buffers: DataView[];
}

type Listener = (payload: unknown, buffers: DataView[]) => void;

export interface Bridge {
  /** The value of a synced trait, live. The same name gives the same signal. */
  trait<T>(name: string): ReadonlySignal<T>;
  set(name: string, value: unknown): void;
  request<T>(kind: string, payload?: object, options?: RequestOptions): Promise<Answer<T>>;
  /** A request nobody waits for: failures are shown in the view's toast. */
  fire(kind: string, payload?: object, options?: RequestOptions): void;
  // biome-ignore lint/suspicious/noExplicitAny: payloads are checked by the view that asked for them
  on(kind: string, fn: (payload: any, buffers: DataView[]) => void): () => void;
  /** The last request that failed loudly, for the frame to show. */
  readonly failure: Signal<ViewError | null>;
  /** One value per view and key, made when first asked for (no module-level state). */
  shared<T>(key: string, create: () => T): T;
  dispose(): void;
}

interface Waiting {
  resolve(answer: Answer<unknown>): void;
  reject(error: unknown): void;
  generation: number;
  fresh: boolean;
}

interface Message {
  id: string | null;
  kind: string;
  generation: number;
  ok?: boolean;
  payload?: unknown;
  error?: { type: string; message: string; hint: string };
}

const DEFAULT_TIMEOUT = 120_000;

export function createBridge(model: AnyModel): Bridge {
  const bridge = new ModelBridge(model);
  bridge.listen();
  return bridge;
}

class ModelBridge implements Bridge {
  readonly failure = signal<ViewError | null>(null);
  readonly #model: AnyModel;
  /** Answers go to every view of a model, so ids must differ between views. */
  readonly #prefix = Math.random().toString(36).slice(2, 10);
  readonly #signals = new Map<string, Signal<unknown>>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #listeners = new Map<string, Set<Listener>>();
  /** Newest generation pushed so far, by kind. */
  readonly #newest = new Map<string, number>();
  readonly #shared = new Map<string, unknown>();
  readonly #undo: (() => void)[] = [];
  #count = 0;

  constructor(model: AnyModel) {
    this.#model = model;
  }

  listen(): void {
    const receive = (message: Message, buffers: DataView[]) =>
      this.#receive(message, buffers ?? []);
    this.#model.on("msg:custom", receive);
    this.#undo.push(() => this.#model.off("msg:custom", receive));
  }

  trait<T>(name: string): ReadonlySignal<T> {
    const known = this.#signals.get(name);
    if (known) return known as Signal<T>;
    const made = signal<T>(this.#model.get(name));
    const update = () => {
      made.value = this.#model.get(name);
    };
    this.#model.on(`change:${name}`, update);
    this.#undo.push(() => this.#model.off(`change:${name}`, update));
    this.#signals.set(name, made as Signal<unknown>);
    return made;
  }

  set(name: string, value: unknown): void {
    this.#model.set(name, value);
    this.#model.save_changes();
  }

  async request<T>(kind: string, payload: object = {}, options: RequestOptions = {}) {
    try {
      return (await this.#ask(kind, payload, options)) as Answer<T>;
    } catch (error) {
      if (error instanceof ViewError && !options.quiet) this.failure.value = error;
      throw error;
    }
  }

  fire(kind: string, payload: object = {}, options: RequestOptions = {}): void {
    this.request(kind, payload, options).catch(() => {});
  }

  on(kind: string, fn: Listener): () => void {
    const listeners = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, listeners.add(fn));
    return () => listeners.delete(fn);
  }

  shared<T>(key: string, create: () => T): T {
    if (!this.#shared.has(key)) this.#shared.set(key, create());
    return this.#shared.get(key) as T;
  }

  dispose(): void {
    for (const undo of this.#undo.splice(0)) undo();
    for (const waiting of this.#waiting.values()) waiting.reject(abortError());
    this.#waiting.clear();
    this.#listeners.clear();
    this.#shared.clear();
  }

  #ask(kind: string, payload: object, options: RequestOptions): Promise<Answer<unknown>> {
    const id = `${this.#prefix}-${++this.#count}`;
    const generation = this.#generation();
    return new Promise((resolve, reject) => {
      if (options.signal?.aborted) return reject(abortError());
      const timeout = options.timeout ?? DEFAULT_TIMEOUT;
      const timer = timeout > 0 ? setTimeout(() => finish(reject, noAnswer()), timeout) : undefined;
      const abort = () => finish(reject, abortError());
      const finish = <V>(end: (value: V) => void, value: V) => {
        clearTimeout(timer);
        options.signal?.removeEventListener("abort", abort);
        this.#waiting.delete(id);
        end(value);
      };
      options.signal?.addEventListener("abort", abort);
      this.#waiting.set(id, {
        resolve: (answer) => finish(resolve, answer),
        reject: (error) => finish(reject, error),
        generation,
        fresh: options.fresh ?? false,
      });
      this.#model.send({ id, kind, generation, payload }, undefined, options.buffers ?? []);
    });
  }

  #receive(message: Message, buffers: DataView[]): void {
    if (message?.id == null) this.#push(message, buffers);
    else this.#answer(message, buffers);
  }

  #push(message: Message, buffers: DataView[]): void {
    const newest = this.#newest.get(message.kind) ?? 0;
    if (message.generation < newest) return;
    this.#newest.set(message.kind, message.generation);
    for (const fn of this.#listeners.get(message.kind) ?? []) fn(message.payload, buffers);
  }

  #answer(message: Message, buffers: DataView[]): void {
    const waiting = this.#waiting.get(message.id as string);
    if (!waiting) return; // aborted, timed out, or asked by another view of this model
    if (!message.ok) {
      const {
        type = "Error",
        message: text = "The request failed.",
        hint = "",
      } = message.error ?? {};
      waiting.reject(new ViewError(type, text, hint));
    } else if (waiting.fresh && waiting.generation < this.#generation())
      waiting.reject(abortError());
    else waiting.resolve({ payload: message.payload, buffers });
  }

  #generation(): number {
    return Number(this.#model.get("generation") ?? 0);
  }
}

function abortError(): DOMException {
  return new DOMException("The request is no longer wanted.", "AbortError");
}

function noAnswer(): ViewError {
  return new ViewError(
    "NoAnswer",
    "The kernel did not answer.",
    "It may be busy or stopped: run this cell again when it is free.",
  );
}
