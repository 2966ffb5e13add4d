// How the map is shown; nothing here asks the kernel.
import { useMemo } from "preact/hooks";
import { fixed } from "../../lib/format";
import { colourTable, gradient } from "./heatmap";
import type { Look } from "./picture";

const MODES: [Look["mode"], string][] = [
  ["overlay", "overlay"],
  ["beside", "side by side"],
  ["image", "image"],
];

interface ControlsProps {
  look: Look;
  onLook: (look: Look) => void;
}

export function Controls({ look, onLook }: ControlsProps) {
  const shades = useMemo(() => gradient(colourTable()), []);
  return (
    <div class="vd-sal-controls">
      <div class="vd-segmented" role="group" aria-label="how to show the map">
        {MODES.map(([mode, words]) => (
          <button
            key={mode}
            type="button"
            aria-pressed={look.mode === mode}
            onClick={() => onLook({ ...look, mode })}
          >
            {words}
          </button>
        ))}
      </div>
      <div class="vd-sal-legend" title="Share of the strongest cell">
        <span>none</span>
        <span class="vd-sal-shades" style={{ background: shades }} />
        <span>strongest</span>
      </div>
      <Slider
        name="opacity"
        title="Opacity of the strongest cell"
        value={look.opacity}
        onValue={(opacity) => onLook({ ...look, opacity })}
      />
      <Slider
        name="threshold"
        title="Cells below this share of the strongest are left clear"
        value={look.threshold}
        onValue={(threshold) => onLook({ ...look, threshold })}
      />
    </div>
  );
}

interface SliderProps {
  name: string;
  title: string;
  value: number;
  onValue: (value: number) => void;
}

function Slider({ name, title, value, onValue }: SliderProps) {
  return (
    <label class="vd-sal-slider" title={title}>
      <span>{name}</span>
      <input
        type="range"
        min="0"
        max="1"
        step="0.05"
        value={value}
        data-testid={`saliency-${name}`}
        onInput={(e) => onValue(Number(e.currentTarget.value))}
      />
      <output class="vd-num">{fixed(value)}</output>
    </label>
  );
}
