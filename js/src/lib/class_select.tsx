// A menu of the classes.

import type { ComponentChildren } from "preact";

interface ClassSelectProps {
  classes: string[];
  value: string;
  testid: string;
  onPick(name: string): void;
  /** Options before the classes. */
  children?: ComponentChildren;
}

export function ClassSelect({ classes, value, testid, onPick, children }: ClassSelectProps) {
  return (
    <select
      class="vd-select"
      data-testid={testid}
      value={value}
      onChange={(event) => onPick(event.currentTarget.value)}
    >
      {children}
      {classes.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}
