// Which rows of a long list are worth drawing.

/** Height of one row in pixels; the style sheet reads it from --vd-st-row. */
export const ROW_HEIGHT = 30;
/** Rows drawn beyond both edges, so that scrolling does not flash. */
const SPARE = 8;

/** Positions [first, last) of the rows near the viewport. */
export function visibleRange(
  count: number,
  scrollTop: number,
  height: number,
): { first: number; last: number } {
  const first = Math.max(0, Math.floor(scrollTop / ROW_HEIGHT) - SPARE);
  const last = Math.min(count, Math.ceil((scrollTop + height) / ROW_HEIGHT) + SPARE);
  return { first: Math.min(first, Math.max(0, count - 1)), last: Math.max(last, 0) };
}

/** The scrollTop that brings one row fully into view, moving as little as possible. */
export function scrollTopFor(position: number, scrollTop: number, height: number): number {
  const top = position * ROW_HEIGHT;
  if (top < scrollTop) return top;
  if (top + ROW_HEIGHT > scrollTop + height) return top + ROW_HEIGHT - height;
  return scrollTop;
}
