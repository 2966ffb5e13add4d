// One image with its label, prediction and figures.

import type { Bridge } from "../../lib/bridge";
import { fixed, signed } from "../../lib/format";
import { Icon } from "../../lib/icons";
import { Thumbnail } from "../../lib/thumbnails";
import type { Item } from "./model";
import { aboutItem } from "./words";

interface ItemProps {
  bridge: Bridge;
  item: Item;
  index: number;
  active: boolean;
  focused: boolean;
  marked: boolean;
}

/** Right or wrong by sign and word, never by colour alone. */
function Outcome({ item }: { item: Item }) {
  const kind = item.correct ? "vd-eg-right" : "vd-eg-wrong";
  return (
    <span class={kind}>
      {item.correct ? "✓" : "✕"} {item.predicted}
    </span>
  );
}

export function GridItem({ bridge, item, index, active, focused, marked }: ItemProps) {
  const states = ["vd-eg-item"];
  if (focused) states.push("vd-eg-focused");
  if (marked) states.push("vd-eg-marked");
  if (!item.correct) states.push("vd-eg-error");
  return (
    <button
      type="button"
      class={states.join(" ")}
      tabIndex={active ? 0 : -1}
      title={aboutItem(item)}
      aria-label={aboutItem(item)}
      aria-current={focused ? "true" : undefined}
      aria-pressed={marked}
      data-testid="extreme-item"
      data-row={item.row}
      data-index={index}
      data-correct={String(item.correct)}
    >
      <span class="vd-eg-picture">
        <Thumbnail bridge={bridge} row={item.row} size={96} alt="" />
        {!item.correct && (
          <span class="vd-eg-badge" aria-hidden="true">
            <Icon name="close" size={10} />
          </span>
        )}
      </span>
      <span class="vd-eg-caption">
        <span class="vd-eg-label">{item.class} →</span>
        <Outcome item={item} />
        <span class="vd-eg-figures">
          <span>p {fixed(item.confidence)}</span>
          {item.decision !== null && <span>{signed(item.decision)}</span>}
        </span>
      </span>
    </button>
  );
}
