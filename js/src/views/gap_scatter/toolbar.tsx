// Above the plot: colour by, gap open or closed, lasso, reset.
import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { Icon } from "../../lib/icons";
import type { Mode } from "./model";

interface Props {
  options: string[];
  colourBy: string;
  mode: Mode;
  lasso: Signal<boolean>;
  onColour(by: string): void;
  onMode(mode: Mode): void;
  onReset(): void;
}

const GAP_HELP =
  "The modality gap: images and texts lie in two apart regions of the shared space. " +
  "Closed: each modality's own mean is subtracted (Zhang et al. 2023, DrML, section 2.1).";

export function Toolbar(props: Props): JSX.Element {
  const { options, colourBy, mode, lasso } = props;
  return (
    <div class="vd-gs-toolbar" role="toolbar" aria-label="Scatter controls">
      <label class="vd-gs-field">
        <span class="vd-muted">colour by</span>
        <select
          class="vd-select"
          data-testid="colour-by"
          value={colourBy}
          onChange={(event) => props.onColour(event.currentTarget.value)}
        >
          {options.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <span class="vd-gs-field" title={GAP_HELP}>
        <span class="vd-muted">gap</span>
        <span class="vd-segmented" role="group" aria-label="Modality gap">
          {(["open", "closed"] as const).map((name) => (
            <button
              key={name}
              type="button"
              data-testid={`gap-${name}`}
              aria-pressed={mode === name}
              onClick={() => props.onMode(name)}
            >
              {name}
            </button>
          ))}
        </span>
      </span>
      <span class="vd-gs-tools">
        <button
          type="button"
          class="vd-button vd-button-icon"
          data-testid="lasso"
          aria-pressed={lasso.value}
          aria-label="Lasso: drag around images to select them"
          title="Lasso (or Shift and drag)"
          onClick={() => {
            lasso.value = !lasso.value;
          }}
        >
          <Icon name="lasso" />
        </button>
        <button
          type="button"
          class="vd-button vd-button-icon"
          data-testid="reset-view"
          aria-label="Show all points"
          title="Show all points (0)"
          onClick={props.onReset}
        >
          <Icon name="reset" size={14} />
        </button>
      </span>
    </div>
  );
}
