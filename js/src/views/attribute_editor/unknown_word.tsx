// The sign of words that the encoder never learned.
import { Icon } from "../../lib/icons";
import { inWords } from "./words";

interface UnknownWordProps {
  words: string[];
  encoder: string;
}

export function UnknownWord({ words, encoder }: UnknownWordProps) {
  const said = `${inWords(words)}: not in ${encoder}'s vocabulary: behaves like filler`;
  return (
    <span class="vd-unknown" role="img" data-testid="unknown-word" aria-label={said} title={said}>
      <Icon name="warning" size={13} />
    </span>
  );
}
