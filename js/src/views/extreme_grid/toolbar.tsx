// The class, the order, the strength of the direction, and its designed weak state.

import { ClassSelect } from "../../lib/class_select";
import { type DirectionState, type ExtremeData, ORDERS, type Order } from "./model";
import { NO_DIRECTION, ORDER_HELP, ORDER_NAME, STRENGTH_HELP } from "./words";

interface ToolbarProps {
  data: ExtremeData;
  onClass(name: string): void;
  onOrder(order: Order): void;
  onScope(wholeClass: boolean): void;
}

export function Toolbar({ data, onClass, onOrder, onScope }: ToolbarProps) {
  const ofSelection = data.has_selection && !data.whole_class;
  const offered = (order: Order) => order === "confidence" || data.direction.state === "ready";
  return (
    <div class="vd-eg-toolbar">
      <label
        class={ofSelection ? "vd-eg-class vd-eg-aside" : "vd-eg-class"}
        title={ofSelection ? "pick a class to leave the selection" : undefined}
      >
        class{" "}
        <ClassSelect
          classes={data.classes}
          value={data.target_class}
          testid="target-class"
          onPick={onClass}
        />
      </label>
      <span class="vd-segmented" role="group" aria-label="order">
        {ORDERS.map((order) => (
          <button
            key={order}
            type="button"
            title={offered(order) ? ORDER_HELP[order] : data.direction.note || NO_DIRECTION}
            disabled={!offered(order)}
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
  direction: DirectionState;
  order: Order;
  onConfidence(): void;
}

/** The strength in one line, or the plain statement that there is no direction to trust. */
export function StrengthLine({ direction, order, onConfidence }: StrengthProps) {
  const { state, note, strength } = direction;
  if (note) {
    return (
      <p class="vd-eg-strength" role="status" data-testid="extreme-strength">
        {state === "fitting" && <span class="vd-eg-busy" aria-hidden="true" />}
        {note}
      </p>
    );
  }
  if (!strength) return null;
  const notes = strength.warnings.map((warning) => (
    <span class="vd-eg-caution" key={warning}>
      {warning}
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
        <strong>{strength.message}</strong> {strength.line}
        {state === "none" && "; least probable true class first"} {notes}
      </span>
      {order !== "confidence" && (
        <button type="button" class="vd-button" onClick={onConfidence}>
          order by confidence instead
        </button>
      )}
    </div>
  );
}
