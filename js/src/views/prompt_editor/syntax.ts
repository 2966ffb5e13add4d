// The template language as coloured pieces, and composed texts with their values picked out.
// The grammar itself lives in vlmdiag_widgets/audit/templates.py; nothing is checked here.

export type Tone = "plain" | "field" | "sign" | "escaped";

export interface Piece {
  text: string;
  tone: Tone;
}

const SIGNS = /\{\{|\}\}|\[\[|\]\]|\|\||\{[^{}[\]|]*\}|[[\]|]/g;

/** Cut a template into pieces; together they are the template again. */
export function pieces(template: string): Piece[] {
  const out: Piece[] = [];
  let at = 0;
  for (const found of template.matchAll(SIGNS)) {
    if (found.index > at) out.push({ text: template.slice(at, found.index), tone: "plain" });
    out.push({ text: found[0], tone: tone(found[0]) });
    at = found.index + found[0].length;
  }
  if (at < template.length) out.push({ text: template.slice(at), tone: "plain" });
  return out;
}

function tone(sign: string): Tone {
  if (sign.length === 1) return "sign";
  return sign.length === 2 && sign[0] === sign[1] ? "escaped" : "field";
}

/** Cut a composed text at the attribute values it contains, left to right, each once. */
export function marked(text: string, values: readonly string[]): Piece[] {
  const left = values.filter(Boolean).sort((a, b) => b.length - a.length);
  const out: Piece[] = [];
  let rest = text;
  while (rest) {
    const next = nearest(rest, left);
    if (!next) break;
    if (next.at > 0) out.push({ text: rest.slice(0, next.at), tone: "plain" });
    out.push({ text: next.value, tone: "field" });
    rest = rest.slice(next.at + next.value.length);
    left.splice(left.indexOf(next.value), 1);
  }
  if (rest) out.push({ text: rest, tone: "plain" });
  return out;
}

function nearest(text: string, values: string[]): { at: number; value: string } | null {
  let best: { at: number; value: string } | null = null;
  for (const value of values) {
    const at = text.indexOf(value);
    if (at >= 0 && (!best || at < best.at)) best = { at, value };
  }
  return best;
}
