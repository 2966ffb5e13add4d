// Which class a new value belongs to, asked beside the row before the value is used.
import { useEffect, useRef, useState } from "preact/hooks";

export interface AskClassProps {
  values: string[];
  classes: string[];
  onAnswer: (classes: Record<string, string>) => void;
  onCancel: () => void;
}

/** One small select a value; answering the last one applies them all. */
export function AskClass({ values, classes, onAnswer, onCancel }: AskClassProps) {
  const [answers, setAnswers] = useState<Record<string, string>>({});
  const first = useRef<HTMLSelectElement>(null);
  useEffect(() => first.current?.focus(), []);
  const answer = (value: string, name: string) => {
    const all = { ...answers, [value]: name };
    setAnswers(all);
    if (values.every((v) => all[v])) onAnswer(all);
  };
  return (
    <fieldset
      class="vd-attr-ask"
      data-testid="attribute-ask-class"
      onKeyDown={(e) => {
        e.stopPropagation();
        if (e.key === "Escape") onCancel();
      }}
    >
      <legend>Which class?</legend>
      {values.map((value, i) => (
        <label key={value}>
          <span class="vd-attr-word">{value}</span>
          <select
            class="vd-select"
            ref={i === 0 ? first : undefined}
            data-testid="attribute-class"
            data-value={value}
            value={answers[value] ?? ""}
            onChange={(e) => answer(value, e.currentTarget.value)}
          >
            <option value="" disabled>
              class…
            </option>
            {classes.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      ))}
      <button type="button" class="vd-button vd-button-text" onClick={onCancel}>
        cancel
      </button>
    </fieldset>
  );
}
