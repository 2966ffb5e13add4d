// One text or one slice: from the base, attribute by attribute, to the prediction.

import { fixed, signed } from "../../lib/format";
import { AXIS, Axis, Bar, BarRow, columnsFor, ROW, scaleOf } from "./frame";
import { type Detail, type Step, steps, ticks } from "./model";
import { BASE_HELP, partName, partWords } from "./words";

interface DetailChartProps {
  detail: Detail;
  targetClass: string;
  width: number;
  onPick(slice: Record<string, string>): void;
}

const kindOf = (x: number) => (x < 0 ? "negative" : "positive");

function aboutStep(step: Step, targetClass: string): string {
  return [
    `${step.attribute}: ${partWords(step)}`,
    `moves p(${targetClass}) by ${signed(step.influence, 2)} to ${fixed(step.to, 2)}`,
  ].join("\n");
}

/** A probability that leaves [0, 1] half way is drawn all the same. */
function rangeOf(found: Step[]): [number, number] {
  const ends = found.flatMap((step) => [step.from, step.to]);
  return [Math.min(0, ...ends), Math.max(1, ...ends)];
}

export function DetailChart({ detail, targetClass, width, onPick }: DetailChartProps) {
  const columns = columnsFor(width);
  const found = steps(detail);
  const [low, high] = rangeOf(found);
  const x = scaleOf(columns, low, high);
  const bottom = (found.length + 2) * ROW;
  const most = Math.max(3, Math.floor((columns.right - columns.left) / 44));
  const marks = ticks(low, high, most).map((tick) => ({
    at: x(tick),
    label: fixed(tick, 2),
    strong: tick === 0,
  }));
  const ends = [detail.base, ...found.map((step) => step.to)];
  return (
    <svg
      class="vd-aw-chart"
      width={width}
      height={bottom + AXIS}
      role="group"
      aria-label={`from the base to the prediction of ${targetClass} for ${detail.label}`}
    >
      <Axis columns={columns} top={0} height={bottom} marks={marks} />
      <BarRow
        columns={columns}
        top={0}
        name="base"
        figure={fixed(detail.base, 2)}
        about={`base ${fixed(detail.base, 2)}\n${BASE_HELP}`}
        className="vd-aw-base"
      >
        <Bar from={x(0)} to={x(detail.base)} kind="neutral" />
      </BarRow>
      {found.map((step, i) => (
        <BarRow
          key={step.attribute}
          columns={columns}
          top={(i + 1) * ROW}
          name={partName(step)}
          figure={signed(step.influence, 2)}
          about={aboutStep(step, targetClass)}
          id={`${step.attribute}=${step.value ?? ""}`}
          tabIndex={i === 0 ? 0 : -1}
          onPick={
            step.value === null
              ? undefined
              : () => onPick({ [step.attribute]: step.value as string })
          }
        >
          <Bar from={x(step.from)} to={x(step.to)} kind={kindOf(step.influence)} />
        </BarRow>
      ))}
      <BarRow
        columns={columns}
        top={(found.length + 1) * ROW}
        name="prediction"
        figure={fixed(detail.prediction, 2)}
        about={`prediction ${fixed(detail.prediction, 2)}: the base plus all bars`}
        className="vd-aw-total"
      >
        <Bar from={x(0)} to={x(detail.prediction)} kind="neutral" />
      </BarRow>
      {ends.map((end, i) => (
        <line
          key={i}
          class="vd-aw-joint"
          x1={x(end)}
          x2={x(end)}
          y1={i * ROW + ROW - 4}
          y2={(i + 1) * ROW + 4}
        />
      ))}
    </svg>
  );
}
