// One attribute: its name, its chips and the place to type more.
import { useRef, useState } from "preact/hooks";
import { AskClass } from "./ask_class";
import type { Value } from "./chip";
import { Chips } from "./chips";
import type { Edits } from "./edits";
import { Name } from "./name";
import { inWords, splitValues } from "./words";

/** An attribute as Python describes it; keep in sync with widgets/attribute_editor.py. */
export interface Attribute {
  name: string;
  /** Its values decide the true class of a text. */
  labelled: boolean;
  /** Some prompt mentions it; otherwise no text changes with it. */
  in_prompts: boolean;
  values: Value[];
  /** Values that slices by a derived attribute leave out until they are given a group. */
  ungrouped: Ungrouped[];
  /** Values that images carry and that are not listed, with their class when it is known. */
  known: Record<string, string | null>;
}

interface Ungrouped {
  derived: string;
  value: string;
  groups: string[];
}

export interface RowProps {
  attribute: Attribute;
  classes: string[];
  encoder: string;
  edits: Edits;
}

/** More questions at once would bury the chips. */
const MOST_ASKED = 3;

/** The row of one attribute. */
export function Row({ attribute, classes, encoder, edits }: RowProps) {
  const { name } = attribute;
  const [text, setText] = useState("");
  const [asking, setAsking] = useState<{
    values: string[];
    classes: Record<string, string>;
  } | null>(null);
  const input = useRef<HTMLInputElement>(null);

  const send = async (values: string[], known: Record<string, string>, typed: string) => {
    setText("");
    const waiting = values.map((value) => ({ kind: "add" as const, attribute: name, value }));
    const payload = { attribute: name, values, classes: known };
    // A refusal must not lose what was typed, nor what was typed since.
    if (!(await edits.send("add_values", payload, waiting))) setText((now) => now || typed);
  };

  const add = (typed: string) => {
    const { fresh, double } = sort(splitValues(typed), attribute, edits);
    if (double.length) {
      edits.say(
        "note",
        name,
        `${inWords(double)} ${double.length > 1 ? "are" : "is"} already here.`,
      );
    }
    if (!fresh.length) return double.length ? setText("") : undefined;
    const unsure = attribute.labelled ? fresh.filter((v) => !attribute.known[v]) : [];
    if (unsure.length) setAsking({ values: fresh, classes: {} });
    else send(fresh, {}, typed);
  };

  const remove = (value: string) =>
    edits.send("remove_value", { attribute: name, value }, [
      { kind: "remove", attribute: name, value },
    ]);

  const unsure = asking?.values.filter((v) => !attribute.known[v]) ?? [];
  return (
    <section class="vd-attr-row" role="group" aria-label={`attribute ${name}`}>
      <Name attribute={attribute} edits={edits} />
      <Chips attribute={attribute} encoder={encoder} edits={edits} onRemove={remove}>
        <input
          ref={input}
          class="vd-attr-input"
          data-testid="attribute-input"
          data-attribute={name}
          aria-label={`add a value to ${name}`}
          placeholder="+ add…"
          list={`vd-known-${name}`}
          autocomplete="off"
          spellcheck={false}
          value={text}
          onInput={(e) => setText(e.currentTarget.value)}
          onPaste={(e) => {
            const pasted = e.clipboardData?.getData("text") ?? "";
            if (splitValues(pasted).length < 2) return;
            e.preventDefault();
            add(`${text} ${pasted}`);
          }}
          onKeyDown={(e) => {
            if (e.key === "Enter" && text.trim()) {
              e.preventDefault();
              e.stopPropagation();
              add(text);
            }
            if (e.key === "Escape") setText("");
          }}
        />
      </Chips>
      <datalist id={`vd-known-${name}`}>
        {Object.keys(attribute.known).map((value) => (
          <option key={value} value={value} />
        ))}
      </datalist>
      {asking && (
        <AskClass
          values={unsure}
          classes={classes}
          onAnswer={(answers) => {
            setAsking(null);
            send(asking.values, answers, asking.values.join(", "));
            input.current?.focus();
          }}
          onCancel={() => {
            setAsking(null);
            setText(asking.values.join(", "));
            input.current?.focus();
          }}
        />
      )}
      {attribute.ungrouped.slice(0, MOST_ASKED).map((asked) => (
        <AskGroup key={`${asked.derived} ${asked.value}`} asked={asked} name={name} edits={edits} />
      ))}
      {!attribute.in_prompts && (
        <p class="vd-attr-note">
          No prompt mentions it: put <code>{`{${name}}`}</code> into one.
        </p>
      )}
      <Said name={name} edits={edits} />
    </section>
  );
}

/** A new place is no part of any habitat: ask, without standing in the way of the edit. */
function AskGroup({ asked, name, edits }: { asked: Ungrouped; name: string; edits: Edits }) {
  const { derived, value, groups } = asked;
  return (
    <p class="vd-attr-note vd-attr-group" data-testid="attribute-ask-group">
      <span>
        Which {derived} is “{value}”?
      </span>
      <span class="vd-attr-groups">
        {groups.map((group) => (
          <button
            key={group}
            type="button"
            class="vd-button"
            title={`Until it has a ${derived}, slices by ${derived} leave it out`}
            onClick={() => edits.send("set_group", { attribute: name, value, derived, group })}
          >
            {group}
          </button>
        ))}
      </span>
    </p>
  );
}

/** Part the values into new ones and ones that are here (whatever their case). */
function sort(values: string[], attribute: Attribute, edits: Edits) {
  const here = new Set(attribute.values.map((v) => v.value.toLowerCase()));
  for (const w of edits.waiting.peek()) {
    if (w.attribute === attribute.name && w.kind === "add") here.add(w.value.toLowerCase());
  }
  const double = values.filter((v) => here.has(v.toLowerCase()));
  return { fresh: values.filter((v) => !here.has(v.toLowerCase())), double };
}

/** What the kernel said about this row's last edit. */
export function Said({ name, edits }: { name: string; edits: Edits }) {
  const message = edits.message.value;
  if (message?.attribute !== name) return null;
  const error = message.tone === "error";
  return (
    <p
      class={error ? "vd-attr-error" : "vd-attr-note"}
      role={error ? "alert" : "status"}
      data-testid={error ? "attribute-error" : "attribute-note"}
    >
      {message.text}
    </p>
  );
}
