import { fixed, signed } from "../../lib/format";
import type { Item, Order } from "./model";

export const STRENGTH_HELP = [
  "How well one direction tells the class's right images from its wrong ones:",
  "cross-validated balanced accuracy of a linear SVM on validation images.",
  "0.5 is chance. p: share of label permutations that do at least as well.",
  "Jain et al. 2023, Distilling model failures as directions, section 2.1",
].join("\n");

export const NO_DIRECTION = "there is no failure direction to order by";

export const ORDER_HELP: Record<Order, string> = {
  hardest: "most negative decision value first: along the failure direction",
  easiest: "most positive decision value first: against the failure direction",
  near: "decision values closest to 0 first: where right and wrong images meet",
  confidence: "lowest probability of the true class first: needs no direction",
};

export const ORDER_NAME: Record<Order, string> = {
  hardest: "hardest",
  easiest: "easiest",
  near: "near boundary",
  confidence: "by confidence",
};

/** One image in words, for its tooltip and for screen readers. */
export function aboutItem(item: Item): string {
  const outcome = item.correct ? "right" : "wrong";
  const lines = [
    `${item.id}: labelled ${item.class}, predicted ${item.predicted} (${outcome})`,
    `confidence ${fixed(item.confidence, 2)}`,
  ];
  if (item.decision !== null) {
    const side = item.decision < 0 ? "hard side" : "easy side";
    lines.push(`decision value ${signed(item.decision, 2)} (${side})`);
  }
  return lines.join("\n");
}
