// Prompts as they are typed: checked by the kernel while typing, applied when they are good.
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type Bridge, ViewError } from "../../lib/bridge";

/** What the kernel makes of a list of prompts; keep in sync with widgets/prompt_editor.py. */
export interface Check {
  errors: PromptError[];
  /** How many texts the prompts make, and how many of them are not embedded yet. */
  texts: number;
  fresh: number;
  samples: Sample[];
  /** Words of each prompt that the encoder's vocabulary lacks. */
  unknown: string[][];
  notes: string[];
}

export interface PromptError {
  index: number;
  message: string;
  hint: string;
  /** Index of the sign that is wrong, where there is one. */
  position: number | null;
}

export interface Sample {
  text: string;
  values: string[];
}

export interface Draft {
  id: number;
  text: string;
}

const CHECK_MS = 150;
const APPLY_MS = 900;

/** The prompts of one view. */
export class Drafts {
  readonly list: Signal<Draft[]>;
  readonly errors: Signal<PromptError[]> = signal([]);
  /** The last check without errors. */
  readonly good: Signal<Check>;
  readonly dirty: ReadonlySignal<boolean>;
  readonly #bridge: Bridge;
  readonly #applied: Signal<string[]>;
  #ensemble: boolean;
  #count = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort: AbortController | undefined;

  constructor(bridge: Bridge, templates: string[], ensemble: boolean, check: Check) {
    this.#bridge = bridge;
    this.#ensemble = ensemble;
    this.#applied = signal(templates);
    this.list = signal(this.#drafts(templates));
    this.good = signal(check);
    this.dirty = computed(() => !same(this.texts(), this.#applied.value));
  }

  /** The prompts that are not blank. */
  texts(): string[] {
    return this.list.value.map((draft) => draft.text.trim()).filter(Boolean);
  }

  /** New data: taken over unless it only confirms what was applied from here. */
  receive(templates: string[], ensemble: boolean, check: Check): void {
    const news = !same(templates, this.#applied.peek());
    this.#ensemble = ensemble;
    batch(() => {
      if (news) {
        this.#applied.value = templates;
        this.list.value = this.#drafts(templates);
        this.errors.value = [];
      }
      if (!this.dirty.peek()) this.good.value = check;
    });
  }

  type(id: number, text: string): void {
    this.list.value = this.list.value.map((draft) => (draft.id === id ? { id, text } : draft));
    this.#later(CHECK_MS, async () => {
      if (await this.#check()) this.#later(APPLY_MS, () => this.apply());
    });
  }

  add(text = ""): number {
    const draft = { id: ++this.#count, text };
    this.list.value = [...this.list.value, draft];
    return draft.id;
  }

  remove(id: number): void {
    const left = this.list.value.filter((draft) => draft.id !== id);
    if (!left.length) return;
    this.list.value = left;
    void this.apply();
  }

  /** Check, and when all is well make the prompts those of the audit. */
  async apply(): Promise<void> {
    clearTimeout(this.#timer);
    const templates = this.texts();
    if (!this.dirty.value || !(await this.#check())) return;
    try {
      await this.#bridge.request("edit", { templates }, { quiet: true });
      this.#applied.value = templates;
    } catch (error) {
      this.#refused(error);
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#abort?.abort();
  }

  #drafts(templates: string[]): Draft[] {
    return templates.map((text) => ({ id: ++this.#count, text }));
  }

  #later(wait: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, wait);
  }

  /** Ask what the prompts make; the newest question wins. */
  async #check(): Promise<boolean> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const payload = { templates: this.texts(), ensemble: this.#ensemble };
    try {
      const options = { signal: abort.signal, quiet: true };
      const { payload: check } = await this.#bridge.request<Check>("preview", payload, options);
      this.errors.value = check.errors;
      if (!check.errors.length) this.good.value = check;
      return !check.errors.length;
    } catch (error) {
      if (!abort.signal.aborted) this.#refused(error);
      return false;
    }
  }

  #refused(error: unknown): void {
    if (!(error instanceof ViewError)) return;
    this.errors.value = [{ index: -1, message: error.message, hint: error.hint, position: null }];
  }
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
