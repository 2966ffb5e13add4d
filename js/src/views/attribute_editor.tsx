// The attributes of the texts as rows of chips: add, remove, rename.
import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Bridge } from "../lib/bridge";
import { defineView } from "../lib/view";
import { Edits } from "./attribute_editor/edits";
import { type Attribute, Row, Said } from "./attribute_editor/row";
import { splitValues, tidy } from "./attribute_editor/words";

/** What Python says about the attributes; keep in sync with widgets/attribute_editor.py. */
export interface AttributesData {
  attributes: Attribute[];
  classes: string[];
  /** The encoder's name, for "not in demo@1's vocabulary". */
  encoder: string;
  /** Columns of the data that are no attribute yet. */
  columns: string[];
}

/** The whole view. */
export function AttributeEditor({
  bridge,
  data,
}: {
  bridge: Bridge;
  data: ReadonlySignal<AttributesData>;
}) {
  const edits = useMemo(() => new Edits(bridge), [bridge]);
  const { attributes, classes, encoder, columns } = data.value;
  useEffect(() => {
    const listed = new Map(attributes.map((a) => [a.name, new Set(a.values.map((v) => v.value))]));
    edits.settle((attribute, value) => listed.get(attribute)?.has(value) ?? false);
  }, [attributes, edits]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: undo must answer wherever the focus is
    <div
      class="vd-attr"
      onKeyDown={(e) => {
        const step = undoStep(e);
        if (!step) return;
        e.preventDefault();
        e.stopPropagation();
        edits.send(step, { attribute: "" });
      }}
    >
      {attributes.length === 0 && (
        <p class="vd-attr-note">No attributes yet. Add one: what may vary in the images?</p>
      )}
      {attributes.map((attribute) => (
        <Row
          key={attribute.name}
          attribute={attribute}
          classes={classes}
          encoder={encoder}
          edits={edits}
        />
      ))}
      <NewAttribute columns={columns} edits={edits} />
    </div>
  );
}

/** Ctrl+Z and its like, except in a field with text of its own to undo. */
function undoStep(e: KeyboardEvent): "undo" | "redo" | null {
  if (!(e.ctrlKey || e.metaKey) || e.altKey) return null;
  const field = e.target as HTMLInputElement;
  if (field.tagName === "INPUT" && field.value) return null;
  const key = e.key.toLowerCase();
  if (key === "y" || (key === "z" && e.shiftKey)) return "redo";
  return key === "z" ? "undo" : null;
}

function NewAttribute({ columns, edits }: { columns: string[]; edits: Edits }) {
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const [values, setValues] = useState("");
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (open) first.current?.focus();
  }, [open]);
  if (!open) {
    return (
      <button
        type="button"
        class="vd-button vd-button-text"
        data-testid="attribute-new"
        onClick={() => setOpen(true)}
      >
        + attribute
      </button>
    );
  }
  const fromData = columns.includes(tidy(name));
  const apply = async () => {
    const payload = { attribute: tidy(name), values: splitValues(values) };
    if (!(await edits.send("add_attribute", payload))) return;
    setOpen(false);
    setName("");
    setValues("");
  };
  return (
    <form
      class="vd-attr-new"
      onSubmit={(e) => {
        e.preventDefault();
        apply();
      }}
      onKeyDown={(e) => e.key === "Escape" && setOpen(false)}
    >
      <input
        ref={first}
        aria-label="name of the new attribute"
        data-testid="attribute-new-name"
        placeholder="name, like season"
        list="vd-attr-columns"
        autocomplete="off"
        value={name}
        onInput={(e) => setName(e.currentTarget.value)}
      />
      <datalist id="vd-attr-columns">
        {columns.map((column) => (
          <option key={column} value={column} />
        ))}
      </datalist>
      <input
        aria-label="its values, separated by commas"
        data-testid="attribute-new-values"
        placeholder={fromData ? "values: all that the data has" : "values, like summer, winter"}
        autocomplete="off"
        value={values}
        onInput={(e) => setValues(e.currentTarget.value)}
      />
      <div>
        <button type="submit" class="vd-button vd-button-text" disabled={!tidy(name)}>
          add
        </button>
        <button type="button" class="vd-button vd-button-text" onClick={() => setOpen(false)}>
          cancel
        </button>
      </div>
      <Said name={tidy(name)} edits={edits} />
    </form>
  );
}

export default defineView<AttributesData>({
  name: "attribute_editor",
  className: "vd-attribute-editor",
  Component: AttributeEditor,
});
