// The name of an attribute, how many values it has, and the way to rename or remove it.
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../../lib/icons";
import type { Edits } from "./edits";
import type { Attribute } from "./row";
import { tidy } from "./words";

export function Name({ attribute, edits }: { attribute: Attribute; edits: Edits }) {
  const [renaming, setRenaming] = useState(false);
  const [text, setText] = useState(attribute.name);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (renaming) input.current?.focus();
  }, [renaming]);
  const apply = async () => {
    const to = tidy(text);
    const same = !to || to === attribute.name;
    if (same || (await edits.send("rename_attribute", { attribute: attribute.name, to }))) {
      setRenaming(false);
    }
  };
  return (
    <header class="vd-attr-head">
      {renaming ? (
        <input
          ref={input}
          class="vd-attr-rename"
          aria-label={`new name for ${attribute.name}`}
          value={text}
          onInput={(e) => setText(e.currentTarget.value)}
          onKeyDown={(e) => {
            e.stopPropagation();
            if (e.key === "Enter") apply();
            if (e.key === "Escape") setRenaming(false);
          }}
          onBlur={() => setRenaming(false)}
        />
      ) : (
        <button
          type="button"
          class="vd-attr-name"
          title="Double-click or F2: rename"
          onDblClick={() => setRenaming(true)}
          onKeyDown={(e) => {
            if (e.key !== "F2") return;
            e.preventDefault();
            setRenaming(true);
          }}
        >
          {attribute.name}
        </button>
      )}
      <span class="vd-attr-total">{attribute.values.length}</span>
      <button
        type="button"
        class="vd-attr-drop"
        aria-label={`remove attribute ${attribute.name}`}
        title={`Remove the attribute ${attribute.name}`}
        onClick={() => edits.send("remove_attribute", { attribute: attribute.name })}
      >
        <Icon name="close" size={10} />
      </button>
    </header>
  );
}
