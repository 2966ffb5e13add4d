// Edits on their way to the kernel: shown dimmed at once, kept as text when refused.
import { type Signal, signal } from "@preact/signals";
import { type Bridge, ViewError } from "../../lib/bridge";

/** An edit that has been sent and not yet come back as data. */
export interface Waiting {
  kind: "add" | "remove";
  attribute: string;
  value: string;
}

/** What one row (or the whole view) has to say to the person. */
export interface Message {
  /** The attribute whose row says it; "" for the view. */
  attribute: string;
  tone: "error" | "note";
  text: string;
}

/** The edits of one view. */
export class Edits {
  /** Edits not yet answered by new data. */
  readonly waiting: Signal<Waiting[]> = signal([]);
  readonly message: Signal<Message | null> = signal(null);
  #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** Send one edit; false, and a message in its row, when the kernel refuses it. */
  async send(
    kind: string,
    payload: { attribute: string } & Record<string, unknown>,
    waiting: Waiting[] = [],
  ): Promise<boolean> {
    this.message.value = null;
    this.waiting.value = [...this.waiting.value, ...waiting];
    try {
      const { payload: reply } = await this.#bridge.request<{ note?: string }>(kind, payload, {
        quiet: true,
      });
      if (reply?.note) this.say("note", payload.attribute, reply.note);
      return true;
    } catch (error) {
      this.#drop(waiting);
      this.say("error", payload.attribute, inWords(error));
      return false;
    }
  }

  say(tone: Message["tone"], attribute: string, text: string): void {
    this.message.value = { tone, attribute, text };
  }

  /** Forget the edits that the data now shows. */
  settle(has: (attribute: string, value: string) => boolean): void {
    const left = this.waiting
      .peek()
      .filter((w) => has(w.attribute, w.value) !== (w.kind === "add"));
    if (left.length !== this.waiting.peek().length) this.waiting.value = left;
  }

  #drop(gone: Waiting[]): void {
    this.waiting.value = this.waiting.value.filter((w) => !gone.includes(w));
  }
}

function inWords(error: unknown): string {
  if (error instanceof ViewError) return `${error.message} ${error.hint}`.trim();
  return error instanceof Error ? error.message : String(error);
}
