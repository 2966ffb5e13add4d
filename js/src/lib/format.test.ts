import { describe, expect, it } from "vitest";
import { count, counted, fixed, interval, percent, signed } from "./format";

describe("numbers as text", () => {
  it("have fixed decimals, a true minus sign, and no negative zero", () => {
    expect(fixed(0.3149)).toBe("0.31");
    expect(fixed(-0.3149)).toBe("\u22120.31");
    expect(fixed(-0.001)).toBe("0.00");
    expect(fixed(2, 0)).toBe("2");
  });

  it.each([null, undefined, Number.NaN, Number.POSITIVE_INFINITY])("%s is a dash", (nothing) => {
    expect(fixed(nothing)).toBe("\u2013");
    expect(percent(nothing)).toBe("\u2013");
    expect(count(nothing)).toBe("\u2013");
    expect(interval(nothing, 1)).toBe("");
  });

  it("percentages, signs, intervals and counts", () => {
    expect(percent(0.342)).toBe("34\u202f%");
    expect(percent(0.3426, 1)).toBe("34.3\u202f%");
    expect(signed(0.31)).toBe("+0.31");
    expect(signed(-0.31)).toBe("\u22120.31");
    expect(signed(0.001)).toBe("0.00");
    expect(interval(0.22, 0.354)).toBe("[0.22, 0.35]");
    expect(count(1234567)).toBe("1,234,567");
    expect(counted(1, "image")).toBe("1 image");
    expect(counted(1200, "image")).toBe("1,200 images");
  });
});
