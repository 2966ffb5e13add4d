// Small line icons, drawn for this package: 16 px, the colour of the text around them.
import type { JSX } from "preact";

const PATHS = {
  undo: "M6 3 3 6l3 3M3 6h6a4 4 0 0 1 0 8H7",
  redo: "M10 3l3 3-3 3M13 6H7a4 4 0 0 0 0 8h2",
  copy: "M6 6h7v7H6zM10 6V3H3v7h3",
  download: "M8 2v8M5 7l3 3 3-3M3 13h10",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3 8.5l3.5 3.5L13 4.5",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM11 11l3 3",
  warning: "M8 2 14.5 13.5h-13zM8 6.5v3M8 11.5v.01",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.5v3.5M8 5v.01",
  lasso:
    "M8 10c-3.6 0-6-1.5-6-4s2.4-4 6-4 6 1.5 6 4-2.4 4-6 4zM4.5 9.4c-1.4.8-1.5 2.6.3 2.8 1.6.2 1.4 1.8 0 1.8",
  reset: "M2 6V2h4M14 6V2h-4M2 10v4h4M14 10v4h-4",
  data: "M2 3h12v10H2zM2 6.5h12M2 10h12M7 3v10",
  code: "M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5",
  picture: "M2 3h12v10H2zM2 11l3.5-4 3 3 2-2L14 11M10.5 6v.01",
  stop: "M4 4h8v8H4z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg
      class="vd-icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width={name === "more" ? 2 : 1.4}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
