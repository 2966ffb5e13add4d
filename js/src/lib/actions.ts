// The three actions every view has: its data, the code that makes it, and its picture.
import type { Bridge } from "./bridge";

export type ActionName = "data" | "code" | "picture";

/** Runs an action; returns what to tell the user. Failures are shown by the view's toast. */
export async function runAction(bridge: Bridge, name: ActionName): Promise<string> {
  const { payload, buffers } = await bridge.request<{
    filename?: string;
    mime?: string;
    code?: string;
  }>("action", { name });
  if (name === "code") {
    await copyText(payload.code ?? "");
    return "Code copied";
  }
  const bytes = buffers[0];
  if (!bytes) throw new Error(`the kernel sent no bytes for ${name}`);
  saveFile(bytes, payload.filename ?? name, payload.mime ?? "application/octet-stream");
  return `Saved ${payload.filename ?? name}`;
}

export async function copyText(text: string): Promise<void> {
  // The clipboard API is missing on plain-http servers; the old way still works there.
  if (navigator.clipboard?.writeText) {
    try {
      return await navigator.clipboard.writeText(text);
    } catch {
      // not allowed in this frame: fall through
    }
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export function saveFile(bytes: DataView, filename: string, mime: string): void {
  const url = URL.createObjectURL(new Blob([bytes as DataView<ArrayBuffer>], { type: mime }));
  const link = document.createElement("a");
  link.href = url;
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
