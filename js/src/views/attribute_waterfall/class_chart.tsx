// Class level: how far each value moves the class's probability away from the base.

import { fixed, signed } from "../../lib/format";
import { AXIS, Axis, Bar, BarRow, type Columns, columnsFor, ROW, scaleOf } from "./frame";
import { type Group, grouped, niceLimit, strongest, type WaterfallData } from "./model";
import { aboutValue, BASE_HELP } from "./words";

type Slice = Record<string, string>;

export interface ClassChartProps {
  data: WaterfallData;
  width: number;
  count: number;
  selected: Slice | null;
  hovered: Slice | null;
  onPick(slice: Slice): void;
  onHover(slice: Slice | null): void;
}

const HEADING = 24;
const kindOf = (x: number) => (x < 0 ? "negative" : "positive");

/** Rows from the top: a heading for each attribute, then its values. */
function placed(groups: Group[], top: number) {
  let y = top;
  return groups.map((group) => {
    const heading = y;
    const values = group.values.map((value, i) => ({ value, top: heading + HEADING + i * ROW }));
    y = heading + HEADING + group.values.length * ROW;
    return { group, heading, values };
  });
}

function Base({ data, columns, zero }: { data: WaterfallData; columns: Columns; zero: number }) {
  return (
    <BarRow
      columns={columns}
      top={0}
      name="base"
      figure={fixed(data.base, 2)}
      about={`base ${fixed(data.base, 2)}\n${BASE_HELP}`}
      className="vd-aw-base"
    >
      <circle class="vd-aw-basedot" cx={zero} cy={ROW / 2} r={4} />
    </BarRow>
  );
}

export function ClassChart(p: ClassChartProps) {
  const { data, width } = p;
  const columns = columnsFor(width);
  const groups = placed(grouped(data, strongest(data.values, p.count)), ROW + 2);
  const shown = groups.flatMap((entry) => entry.values);
  const limit = niceLimit(shown.map((entry) => entry.value.influence));
  const x = scaleOf(columns, -limit, limit);
  const bottom = shown.length ? Math.max(...shown.map((entry) => entry.top)) + ROW : ROW * 2;
  const marks = [-1, -0.5, 0, 0.5, 1].map((share) => ({
    at: x(share * limit),
    label: share === 0 ? "base" : signed(share * limit, limit < 0.1 ? 3 : 2),
    strong: share === 0,
  }));
  const has = (slice: Slice | null, attribute: string, value: string) =>
    slice?.[attribute] === value;
  return (
    <svg
      class="vd-aw-chart"
      width={width}
      height={bottom + AXIS}
      role="group"
      aria-label={`influence of each value on ${data.target_class}`}
    >
      <Axis columns={columns} top={ROW} height={bottom - ROW} marks={marks} />
      <Base data={data} columns={columns} zero={x(0)} />
      {groups.map(({ group, heading, values }) => (
        <g key={group.attribute}>
          <text class="vd-aw-heading" x={2} y={heading + 16}>
            {group.attribute}
          </text>
          <text class="vd-aw-heading-figure" x={width - 4} y={heading + 16} text-anchor="end">
            <title>mean absolute Shapley value of {group.attribute}</title>
            {`|${fixed(group.influence, 2)}|`}
          </text>
          {values.map(({ value, top }, i) => (
            <BarRow
              key={value.value}
              columns={columns}
              top={top}
              indent
              name={value.value}
              figure={signed(value.influence, 2)}
              about={aboutValue(data, value)}
              id={`${value.attribute}=${value.value}`}
              tabIndex={group === groups[0]?.group && i === 0 ? 0 : -1}
              selected={has(p.selected, value.attribute, value.value)}
              hovered={has(p.hovered, value.attribute, value.value)}
              onPick={() => p.onPick({ [value.attribute]: value.value })}
              onHover={(inside) => p.onHover(inside ? { [value.attribute]: value.value } : null)}
            >
              <Bar from={x(0)} to={x(value.influence)} kind={kindOf(value.influence)} />
            </BarRow>
          ))}
        </g>
      ))}
    </svg>
  );
}
