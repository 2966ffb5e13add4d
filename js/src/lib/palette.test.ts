import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import {
  CATEGORICAL,
  categorical,
  hex,
  IMAGE,
  NEGATIVE,
  POSITIVE,
  RAMP,
  ramp,
  TEXT,
} from "./palette";

describe("the palette", () => {
  it("is the same in Python", () => {
    const path = resolve(process.cwd(), "../vlmdiag_widgets/widgets/palette.py");
    const python = readFileSync(path, "utf-8");
    const of = (name: string) => {
      const [, body = ""] = python.match(new RegExp(`^${name} = (\\([^)]*\\)|".*?")`, "m")) ?? [];
      return body.match(/#[0-9a-f]{6}/g);
    };
    expect(of("CATEGORICAL")).toEqual([...CATEGORICAL]);
    expect(of("RAMP")).toEqual([...RAMP]);
    expect([of("NEGATIVE"), of("POSITIVE")]).toEqual([[NEGATIVE], [POSITIVE]]);
    expect([of("IMAGE"), of("TEXT")]).toEqual([[IMAGE], [TEXT]]);
  });

  it("goes round, and the ramp ends where it should", () => {
    expect(categorical(CATEGORICAL.length)).toBe(CATEGORICAL[0]);
    expect(ramp(-1)).toBe("rgb(0, 51, 111)");
    expect(hex(ramp(0))).toBe(RAMP[0]);
    expect(ramp(2)).toBe("rgb(253, 231, 55)");
  });
});
