// One prompt: a text field over its own coloured copy, which also gives it its height.
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../../lib/icons";
import { UnknownWord } from "../attribute_editor/unknown_word";
import type { PromptError } from "./drafts";
import { pieces } from "./syntax";

interface PromptFieldProps {
  index: number;
  text: string;
  error: PromptError | null;
  unknown: string[];
  encoder: string;
  removable: boolean;
  focused: boolean;
  onType: (text: string) => void;
  onApply: () => void;
  onRemove: () => void;
}

export function PromptField(props: PromptFieldProps) {
  const { index, text, error, unknown, encoder, removable, focused } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (focused) area.current?.focus();
  }, [focused]);
  const keys = (e: KeyboardEvent) => {
    if (e.key === "Enter") {
      e.preventDefault();
      props.onApply();
    }
    // Shortcuts of the notebook must not act on what is typed here.
    e.stopPropagation();
  };
  return (
    <div class="vd-prompt">
      <div class={`vd-prompt-box${error ? " vd-prompt-bad" : ""}`}>
        <div class="vd-prompt-text">
          <Coloured text={text} wrong={error?.position ?? null} />
          <textarea
            ref={area}
            data-testid="prompt-input"
            data-index={index}
            aria-label={`prompt ${index + 1}`}
            aria-invalid={error !== null}
            rows={1}
            spellcheck={false}
            placeholder="a photo of a {attribute}."
            value={text}
            onInput={(e) => props.onType(e.currentTarget.value.replace(/[\r\n]+/g, " "))}
            onKeyDown={keys}
            onBlur={props.onApply}
          />
        </div>
        {unknown.length > 0 && <UnknownWord words={unknown} encoder={encoder} />}
        {removable && (
          <button
            type="button"
            class="vd-prompt-remove"
            aria-label={`remove prompt ${index + 1}`}
            onClick={props.onRemove}
          >
            <Icon name="close" size={10} />
          </button>
        )}
      </div>
      {error && <Wrong error={error} />}
    </div>
  );
}

export function Wrong({ error }: { error: PromptError }) {
  return (
    <p class="vd-prompt-error" role="alert" data-testid="prompt-error">
      {error.message} <span class="vd-muted">{error.hint}</span>
    </p>
  );
}

/** The same text behind the field, with colours; hidden from screen readers. */
function Coloured({ text, wrong }: { text: string; wrong: number | null }) {
  let at = 0;
  return (
    <div class="vd-prompt-colours" aria-hidden="true">
      {pieces(text).map((piece, i) => {
        const from = at;
        at += piece.text.length;
        const bad = wrong !== null && wrong >= from && wrong < at;
        return (
          <span key={i} class={`vd-prompt-${piece.tone}`}>
            {bad ? <Marked text={piece.text} at={wrong - from} /> : piece.text}
          </span>
        );
      })}
      {"\u200b"}
    </div>
  );
}

function Marked({ text, at }: { text: string; at: number }) {
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + 1)}</mark>
      {text.slice(at + 1)}
    </>
  );
}
