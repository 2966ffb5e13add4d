// The class, the order, the strength of the direction, and its designed weak state.

import { type ExtremeData, ORDERS, type Order, type Strength } from "./model";
import { ORDER_HELP, ORDER_NAME, STRENGTH_HELP } from "./words";

interface ToolbarProps {
  data: ExtremeData;
  onClass(name: string): void;
  onOrder(order: Order): void;
  onScope(wholeClass: boolean): void;
}

export function Toolbar({ data, onClass, onOrder, onScope }: ToolbarProps) {
  const ofSelection = data.has_selection && !data.whole_class;
  return (
    <div class="vd-eg-toolbar">
      <label
        class={ofSelection ? "vd-eg-class vd-eg-aside" : "vd-eg-class"}
        title={ofSelection ? "pick a class to leave the selection" : undefined}
      >
        class{" "}
        <select
          class="vd-select"
          data-testid="target-class"
          value={data.target_class}
          onChange={(event) => onClass(event.currentTarget.value)}
        >
          {data.classes.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <span class="vd-segmented" role="group" aria-label="order">
        {ORDERS.map((order) => (
          <button
            key={order}
            type="button"
            title={ORDER_HELP[order]}
            aria-pressed={data.order === order}
            data-testid="extreme-order"
            data-name={order}
            onClick={() => onOrder(order)}
          >
            {ORDER_NAME[order]}
          </button>
        ))}
      </span>
      {data.has_selection && (
        <label class="vd-eg-scope">
          <input
            type="checkbox"
            checked={ofSelection}
            onChange={(event) => onScope(!event.currentTarget.checked)}
          />{" "}
          selection only
        </label>
      )}
    </div>
  );
}

interface StrengthProps {
  strength: Strength | null;
  order: Order;
  onConfidence(): void;
}

/** The strength in one line, or the plain statement that there is no direction to trust. */
export function StrengthLine({ strength, order, onConfidence }: StrengthProps) {
  if (!strength) return null;
  const notes = strength.warnings.map((note) => (
    <span class="vd-eg-caution" key={note}>
      {note}
    </span>
  ));
  if (strength.reliable) {
    return (
      <p class="vd-eg-strength" title={STRENGTH_HELP} data-testid="extreme-strength">
        {strength.message && <strong>{strength.message}</strong>} {strength.line} {notes}
      </p>
    );
  }
  return (
    <div class="vd-eg-weak" role="note" title={STRENGTH_HELP} data-testid="extreme-strength">
      <span>
        <strong>{strength.message}</strong> {strength.line} {notes}
      </span>
      {order !== "confidence" && (
        <button type="button" class="vd-button" onClick={onConfidence}>
          order by confidence instead
        </button>
      )}
    </div>
  );
}
