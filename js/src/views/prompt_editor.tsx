// The prompts that turn attributes into texts, with a live preview of what they make.
import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Bridge } from "../lib/bridge";
import { count, counted } from "../lib/format";
import { defineView } from "../lib/view";
import { type Check, Drafts } from "./prompt_editor/drafts";
import { PromptField, Wrong } from "./prompt_editor/prompt_field";
import { marked } from "./prompt_editor/syntax";

/** What Python says about the prompts; keep in sync with widgets/prompt_editor.py. */
export interface PromptsData {
  templates: string[];
  ensemble: boolean;
  /** The attributes a prompt may name. */
  attributes: string[];
  /** The encoder's name, for "not in demo@1's vocabulary". */
  encoder: string;
  check: Check;
}

interface Props {
  bridge: Bridge;
  data: ReadonlySignal<PromptsData>;
}

export function PromptEditor({ bridge, data }: Props) {
  const { templates, ensemble, attributes, encoder, check } = data.value;
  const drafts = useMemo(() => new Drafts(bridge, templates, ensemble, check), [bridge]);
  useEffect(() => drafts.receive(templates, ensemble, check), [data.value]);
  useEffect(() => () => drafts.dispose(), [drafts]);
  return (
    <div class="vd-prompts">
      <Fields drafts={drafts} encoder={encoder} />
      <label class="vd-prompt-ensemble" title={ENSEMBLE}>
        <input
          type="checkbox"
          data-testid="prompt-ensemble"
          checked={ensemble}
          onChange={(e) => bridge.fire("edit", { ensemble: e.currentTarget.checked })}
        />
        80 templates
      </label>
      <Preview drafts={drafts} />
      <Help attributes={attributes} />
    </div>
  );
}

const ENSEMBLE =
  "Wrap each noun phrase in CLIP's 80 templates (“a blurry photo of …”, “a drawing of …”) and average their vectors (Radford et al. 2021, section 3.1.4)";

function Fields({ drafts, encoder }: { drafts: Drafts; encoder: string }) {
  const [newest, setNewest] = useState(-1);
  const errors = drafts.errors.value;
  const unknown = drafts.good.value.unknown;
  // Checks count only the prompts that are not blank.
  let index = -1;
  return (
    <>
      {drafts.list.value.map((draft) => {
        if (draft.text.trim()) index++;
        const at = draft.text.trim() ? index : -2;
        return (
          <PromptField
            key={draft.id}
            index={index}
            text={draft.text}
            error={errors.find((error) => error.index === at) ?? null}
            unknown={unknown[at] ?? []}
            encoder={encoder}
            removable={drafts.list.value.length > 1}
            focused={draft.id === newest}
            onType={(text) => drafts.type(draft.id, text)}
            onApply={() => drafts.apply()}
            onRemove={() => drafts.remove(draft.id)}
          />
        );
      })}
      {errors
        .filter((error) => error.index < 0)
        .map((error) => (
          <Wrong key={error.message} error={error} />
        ))}
      <button
        type="button"
        class="vd-button vd-button-text vd-prompt-add"
        data-testid="prompt-add"
        onClick={() => setNewest(drafts.add())}
      >
        + prompt
      </button>
    </>
  );
}

function Preview({ drafts }: { drafts: Drafts }) {
  const { samples, texts, fresh, notes } = drafts.good.value;
  const broken = drafts.errors.value.length > 0;
  return (
    <section class={broken ? "vd-prompt-made vd-prompt-kept" : "vd-prompt-made"}>
      <p class="vd-prompt-count" data-testid="prompt-count" role="status">
        <strong>{counted(texts, "text")}</strong>
        {fresh > 0 && `, ${count(fresh)} new`}
        {broken && <span class="vd-muted"> · the last good prompts</span>}
        {!broken && drafts.dirty.value && <span class="vd-muted"> · Enter applies</span>}
      </p>
      <ul class="vd-prompt-samples" data-testid="prompt-preview" aria-label="some of the texts">
        {samples.map((sample) => (
          <li key={sample.text}>
            {marked(sample.text, sample.values).map((piece, i) =>
              piece.tone === "field" ? <b key={i}>{piece.text}</b> : piece.text,
            )}
          </li>
        ))}
      </ul>
      {notes.map((note) => (
        <p key={note} class="vd-prompt-note">
          {note}
        </p>
      ))}
    </section>
  );
}

function Help({ attributes }: { attributes: string[] }) {
  const name = attributes[0] ?? "attribute";
  const other = attributes[1] ?? "place";
  const rows: [string, string][] = [
    [`{${name}}`, `each value of ${name} in turn`],
    [`[ in the {${other}}]`, `left out where ${other} is absent`],
    [`[{${name}}|thing]`, `“thing” where ${name} is absent`],
    ["{{ }} [[ ]] ||", "the signs themselves"],
  ];
  return (
    <details class="vd-prompt-help">
      <summary>How to write a prompt</summary>
      <dl>
        {rows.map(([code, words]) => (
          <div key={code}>
            <dt>
              <code>{code}</code>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

export default defineView<PromptsData>({
  name: "prompt_editor",
  className: "vd-prompt-editor",
  Component: PromptEditor,
});
