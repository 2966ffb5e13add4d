// The same figures as plain tables, for screen readers and for reading exact numbers.

import { counted, fixed, signed } from "../../lib/format";
import { type Detail, grouped, strongest, type WaterfallData } from "./model";

export function ClassTable({ data }: { data: WaterfallData }) {
  const all = strongest(data.values, data.values.length);
  return (
    <table class="vd-aw-table">
      <caption class="vd-visually-hidden">
        influence on p({data.target_class}), base {fixed(data.base, 2)}
      </caption>
      <thead>
        <tr>
          <th scope="col">attribute</th>
          <th scope="col">value</th>
          <th scope="col">influence</th>
          <th scope="col">difference</th>
          <th scope="col">texts</th>
        </tr>
      </thead>
      <tbody>
        {grouped(data, all).flatMap((group) =>
          group.values.map((value) => (
            <tr key={`${value.attribute}=${value.value}`}>
              <td>{value.attribute}</td>
              <th scope="row">{value.value}</th>
              <td>{signed(value.influence, 2)}</td>
              <td>{value.difference === null ? "–" : signed(value.difference, 2)}</td>
              <td>{value.n_texts}</td>
            </tr>
          )),
        )}
      </tbody>
    </table>
  );
}

export function DetailTable({ detail }: { detail: Detail }) {
  return (
    <table class="vd-aw-table">
      <caption class="vd-visually-hidden">{detail.label}</caption>
      <thead>
        <tr>
          <th scope="col">attribute</th>
          <th scope="col">value</th>
          <th scope="col">influence</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row" colSpan={2}>
            base
          </th>
          <td>{fixed(detail.base, 2)}</td>
        </tr>
        {detail.parts.map((part) => (
          <tr key={part.attribute}>
            <td>{part.attribute}</td>
            <th scope="row">{part.value ?? counted(part.n_values, "value")}</th>
            <td>{signed(part.influence, 2)}</td>
          </tr>
        ))}
        <tr>
          <th scope="row" colSpan={2}>
            prediction
          </th>
          <td>{fixed(detail.prediction, 2)}</td>
        </tr>
      </tbody>
    </table>
  );
}
