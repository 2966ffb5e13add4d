import { counted, signed } from "../../lib/format";
import type { Part, ValueInfluence, WaterfallData } from "./model";

export const INFLUENCE_HELP = [
  "Influence of a value on the predicted probability of the class:",
  "the Shapley value of its attribute, averaged over all texts that carry the value.",
  "φ(a) = Σ over F without a of |F|! (n−|F|−1)! / n! · (v(F ∪ a) − v(F)),",
  "v(F) = mean probability over the texts that name exactly the attributes F.",
  "Zhang et al. 2023, DrML, section 2.2",
].join("\n");

export const BASE_HELP =
  "Mean probability of the class over the texts that name no attribute, v(∅).";

/** The whole story of one bar: Shapley value and difference each under its own name. */
export function aboutValue(data: WaterfallData, value: ValueInfluence): string {
  const difference =
    value.difference === null
      ? "difference: no text leaves the attribute out"
      : `difference ${signed(value.difference, 2)}: mean p with the value − mean p without ${value.attribute}`;
  return [
    `${value.attribute}: ${value.value}`,
    `influence ${signed(value.influence, 2)} on p(${data.target_class}), Shapley value`,
    difference,
    `predicted from ${counted(value.n_texts, "text")}`,
  ].join("\n");
}

/** Where the figures come from: always texts. */
export function source(n: number): string {
  return `predicted from ${counted(n, "text")}`;
}

/** The name of one bar of a waterfall: its value, or the attribute and over how many it averages. */
export function partName(part: Part): string {
  return part.value ?? `${part.attribute} (${part.n_values})`;
}

/** The same in full, for the tooltip. */
export function partWords(part: Part): string {
  return part.value ?? `average over ${counted(part.n_values, "value")}`;
}
