// One value of an attribute as a chip: its word, its images, its warnings, and how to change it.
import { useEffect, useRef, useState } from "preact/hooks";
import { count, counted } from "../../lib/format";
import { Icon } from "../../lib/icons";
import { UnknownWord } from "./unknown_word";

/** A value as Python describes it; keep in sync with widgets/attribute_editor.py. */
export interface Value {
  value: string;
  /** Images of the evaluation split that carry it; null when no image column has this attribute. */
  images: number | null;
  class: string | null;
  /** Its words that the encoder's vocabulary lacks. */
  unknown: string[];
}

export interface ChipProps {
  value: Value;
  /** The edit has been sent and not yet answered. */
  waiting: boolean;
  /** The one chip of its row that Tab reaches. */
  reachable: boolean;
  encoder: string;
  onRemove: () => void;
  /** Rejects when the new word cannot be used; the text then stays in the chip. */
  onRename: (to: string) => Promise<boolean>;
  onFocus: () => void;
}

/** A chip; Enter or F2 renames it, Delete or Backspace removes it. */
export function Chip(props: ChipProps) {
  const { value, waiting, reachable, encoder, onRemove, onRename, onFocus } = props;
  const [renaming, setRenaming] = useState(false);
  if (renaming) {
    return <Rename from={value.value} onRename={onRename} onDone={() => setRenaming(false)} />;
  }
  const keys = (e: KeyboardEvent) => {
    const act = { F2: () => setRenaming(true), Enter: () => setRenaming(true) }[e.key];
    const remove = e.key === "Delete" || e.key === "Backspace";
    if (!act && !remove) return;
    e.preventDefault();
    e.stopPropagation();
    (act ?? onRemove)();
  };
  return (
    <span
      class={`vd-attr-chip${waiting ? " vd-attr-waiting" : ""}`}
      role="option"
      aria-selected={reachable}
      aria-label={inWords(value)}
      aria-busy={waiting}
      data-testid="attribute-chip"
      data-value={value.value}
      tabIndex={reachable ? 0 : -1}
      title={hint(value)}
      onKeyDown={keys}
      onFocus={onFocus}
      onDblClick={() => setRenaming(true)}
    >
      {value.unknown.length > 0 && <UnknownWord words={value.unknown} encoder={encoder} />}
      <span class="vd-attr-word">{value.value}</span>
      {value.images !== null && <span class="vd-attr-count">{count(value.images)}</span>}
      <button
        type="button"
        class="vd-attr-remove"
        tabIndex={-1}
        aria-label={`remove ${value.value}`}
        data-testid="attribute-remove"
        onClick={onRemove}
      >
        <Icon name="close" size={9} />
      </button>
    </span>
  );
}

function hint({ value, images, class: name }: Value): string {
  const parts = [value];
  if (name) parts.push(`class ${name}`);
  if (images !== null) parts.push(images === 0 ? "no image has it" : counted(images, "image"));
  return `${parts.join(" · ")}\nDouble-click or F2: rename. Delete: remove.`;
}

function inWords({ value, images, class: name, unknown }: Value): string {
  const parts = [value];
  if (images !== null) parts.push(counted(images, "image"));
  if (name) parts.push(`class ${name}`);
  if (unknown.length) parts.push("not in the encoder's vocabulary");
  return parts.join(", ");
}

interface RenameProps {
  from: string;
  onRename: (to: string) => Promise<boolean>;
  onDone: () => void;
}

function Rename({ from, onRename, onDone }: RenameProps) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(from);
  const [bad, setBad] = useState(false);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  // Leaving the page blurs a field too: what is answered or given up must not be sent again.
  const closed = useRef(false);
  const apply = async () => {
    if (closed.current) return;
    closed.current = true;
    if (text.trim() === from || !text.trim()) return onDone();
    if (await onRename(text)) return onDone();
    closed.current = false;
    setBad(true);
  };
  return (
    <input
      ref={input}
      class="vd-attr-rename"
      data-testid="attribute-rename"
      aria-label={`new name for ${from}`}
      aria-invalid={bad}
      size={Math.max(4, text.length)}
      value={text}
      onInput={(e) => setText(e.currentTarget.value)}
      onKeyDown={(e) => {
        e.stopPropagation();
        if (e.key === "Enter") apply();
        if (e.key !== "Escape") return;
        closed.current = true;
        onDone();
      }}
      onBlur={() => !bad && apply()}
    />
  );
}
