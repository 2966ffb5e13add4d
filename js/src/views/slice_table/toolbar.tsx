// Above the rows: what makes a slice, the search box, the count and the copy button.

import { counted } from "../../lib/format";
import { Icon } from "../../lib/icons";

interface GroupByProps {
  options: string[];
  by: string[];
  onChange(by: string[]): void;
}

/** Any subset of the attributes makes the slices; the last one cannot be switched off. */
export function GroupBy({ options, by, onChange }: GroupByProps) {
  const toggle = (name: string) =>
    onChange(by.includes(name) ? by.filter((other) => other !== name) : [...by, name]);
  return (
    <fieldset class="vd-st-groupby">
      <legend class="vd-st-legend">slice by</legend>
      {options.map((name) => {
        const on = by.includes(name);
        const last = on && by.length === 1;
        return (
          <button
            key={name}
            type="button"
            class={on ? "vd-st-chip vd-st-on" : "vd-st-chip"}
            aria-pressed={on}
            aria-disabled={last}
            title={last ? "a slice needs at least one attribute" : undefined}
            data-testid="slice-by"
            data-name={name}
            onClick={() => !last && toggle(name)}
          >
            {name}
          </button>
        );
      })}
    </fieldset>
  );
}

interface SearchProps {
  query: string;
  found: number;
  total: number;
  onInput(query: string): void;
  onCopy(): void;
  copied: string;
}

export function SearchAndCopy(p: SearchProps) {
  const all = counted(p.total, "slice");
  return (
    <div class="vd-st-tools">
      <input
        class="vd-input vd-st-search"
        type="search"
        placeholder="search…"
        aria-label="search slices"
        data-testid="slice-search"
        value={p.query}
        onInput={(event) => p.onInput(event.currentTarget.value)}
      />
      <output class="vd-st-count">{p.found === p.total ? all : `${p.found} of ${all}`}</output>
      <button
        type="button"
        class="vd-button vd-st-copy"
        title="copy these rows as tab-separated text"
        data-testid="slice-copy"
        onClick={p.onCopy}
      >
        <Icon name={p.copied ? "check" : "copy"} size={12} />
        {p.copied || "copy"}
      </button>
    </div>
  );
}
