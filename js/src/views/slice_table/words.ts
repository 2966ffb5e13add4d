// What the headers and marks say. Short and plain; the formula and the paper are in the tooltip.

import type { Agreement } from "./model";

export const HELP = {
  text_score: [
    "Predicted from text, without looking at an image.",
    "Mean probability of the true class over the texts t that name the slice S:",
    "score(S) = mean of p(class | t) over t in S",
    "Zhang et al. 2023, DrML, sections 2.2 and 3.2",
  ].join("\n"),
  image_accuracy: [
    "Share of the slice's images that are classified rightly,",
    "with its 95 % Wilson interval (z = 1.96):",
    "(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)",
    "Wilson 1927; Zhang et al. 2023, DrML, section 3.3",
  ].join("\n"),
  n_images: "Images of the evaluation split that lie in the slice.",
  agreement: [
    "Do the texts agree with the images?",
    "Agree: the text score is flagged (below its class's mean by the margin) and the image interval",
    "lies below the class's accuracy, or neither is so. Undecided: the interval is too wide to say.",
    "Zhang et al. 2023, DrML, sections 3.2 and 3.3",
  ].join("\n"),
} as const;

export const AGREEMENT: Record<Agreement, { sign: string; words: string }> = {
  agree: { sign: "●", words: "texts and images agree" },
  disagree: { sign: "○", words: "texts and images disagree" },
  undecided: { sign: "–", words: "undecided: too few images to say" },
  "no image": { sign: "", words: "predicted only: no image to check" },
  "no text": { sign: "", words: "no text names this slice, so nothing is predicted" },
};
