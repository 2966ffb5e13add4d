// The values of one attribute in a row; edits under way are dimmed.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Chip, type Value } from "./chip";
import type { Edits } from "./edits";
import type { Attribute } from "./row";
import { tidy } from "./words";

interface ChipsProps {
  attribute: Attribute;
  encoder: string;
  edits: Edits;
  onRemove: (value: string) => Promise<boolean>;
  children: ComponentChildren;
}

/** The chips, of which Tab reaches one and the arrow keys the others, and what stands behind. */
export function Chips({ attribute, encoder, edits, onRemove, children }: ChipsProps) {
  const [at, setAt] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const waiting = edits.waiting.value.filter((w) => w.attribute === attribute.name);
  const leaving = new Set(waiting.filter((w) => w.kind === "remove").map((w) => w.value));
  const coming = waiting.filter((w) => w.kind === "add").map((w) => placeholder(w.value));
  const shown = [...attribute.values, ...coming];
  const last = Math.max(0, shown.length - 1);
  useEffect(() => {
    if (at > last) setAt(last);
  }, [at, last]);

  const nodes = () => [...(box.current?.querySelectorAll<HTMLElement>("[role=option]") ?? [])];
  const go = (to: number) => {
    const next = Math.min(Math.max(to, 0), last);
    setAt(next);
    nodes()[next]?.focus();
  };
  const keys = (e: KeyboardEvent) => {
    // Where the focus is counts: the chips may have moved under it.
    const here = nodes().indexOf(e.target as HTMLElement);
    const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: last }[e.key];
    if (here < 0 || to === undefined) return;
    e.preventDefault();
    e.stopPropagation();
    go(to);
  };
  return (
    <div class="vd-attr-chips">
      <div
        ref={box}
        class="vd-attr-list"
        role="listbox"
        aria-label={`values of ${attribute.name}`}
        aria-orientation="horizontal"
        tabIndex={-1}
        onKeyDown={keys}
      >
        {shown.map((value, i) => (
          <Chip
            key={value.value}
            value={value}
            encoder={encoder}
            reachable={i === at}
            waiting={leaving.has(value.value) || i >= attribute.values.length}
            onFocus={() => setAt(i)}
            onRemove={() => {
              onRemove(value.value);
              go(i === last ? i - 1 : i + 1);
            }}
            onRename={(to) => {
              const payload = { attribute: attribute.name, value: value.value, to: tidy(to) };
              return edits.send("rename_value", payload);
            }}
          />
        ))}
      </div>
      {children}
    </div>
  );
}

function placeholder(value: string): Value {
  return { value, images: null, class: null, unknown: [] };
}
