// What the colours mean; a category can be clicked to select its images.
import type { JSX } from "preact";
import { fixed } from "../../lib/format";
import { colourList } from "./colours";
import type { Colour } from "./model";

interface Props {
  colour: Colour;
  dark: boolean;
  onPick(index: number): void;
}

export function Legend({ colour, dark, onPick }: Props): JSX.Element | null {
  if (colour.kind === "modality") return null;
  if (colour.kind === "numeric") return <Ramp colour={colour} dark={dark} />;
  const colours = colourList(colour, dark);
  return (
    <ul class="vd-gs-legend" aria-label={`Colours: ${colour.by}`}>
      {colour.labels.map((label, i) => (
        <li key={label}>
          <button type="button" title={`Select the images of ${label}`} onClick={() => onPick(i)}>
            <i style={{ background: colours[i] }} />
            {label}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Ramp({ colour, dark }: { colour: Colour; dark: boolean }): JSX.Element {
  return (
    <div class="vd-gs-ramp">
      <span class="vd-muted">p(true class)</span>
      <span class="vd-num">{fixed(colour.low, 1)}</span>
      <i style={{ background: `linear-gradient(90deg, ${colourList(colour, dark).join(", ")})` }} />
      <span class="vd-num">{fixed(colour.high, 1)}</span>
    </div>
  );
}
