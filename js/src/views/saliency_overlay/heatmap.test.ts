import { describe, expect, it } from "vitest";
import { colourTable, gradient, paint, peak, upsample } from "./heatmap";

const corner = { rows: 2, cols: 2, values: [0, 0, 0, 0.5] };

describe("upsample", () => {
  it("scales by the peak and interpolates between cell centres", () => {
    const shares = upsample(corner, 4, 4);
    expect(shares[15]).toBeCloseTo(1);
    expect(shares[0]).toBe(0);
    expect(shares[10]).toBeCloseTo(0.75 * 0.75);
  });

  it("leaves a flat map flat and an empty one empty", () => {
    expect([...upsample({ rows: 1, cols: 2, values: [0.2, 0.2] }, 3, 2)]).toEqual(Array(6).fill(1));
    expect(peak({ rows: 2, cols: 2, values: [0, 0, 0, 0] })).toBe(0);
    expect([...upsample({ rows: 2, cols: 2, values: [0, 0, 0, 0] }, 2, 2)]).toEqual([0, 0, 0, 0]);
  });
});

describe("the colour map", () => {
  const table = colourTable();
  const luminance = (i: number) => {
    const linear = [0, 1, 2].map((c) => ((table[3 * i + c] ?? 0) / 255) ** 2.2);
    return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
  };

  it("only gets lighter, so that it reads without colour", () => {
    for (let i = 4; i < 256; i += 4) expect(luminance(i)).toBeGreaterThan(luminance(i - 4));
  });

  it("makes a gradient from dark to light", () => {
    expect(gradient(table, 2)).toMatch(/^linear-gradient\(90deg, rgb\(\d+,\d+,\d+\), rgb/);
    expect(luminance(0)).toBeLessThan(0.05);
    expect(luminance(255)).toBeGreaterThan(0.7);
  });
});

describe("paint", () => {
  const shares = new Float32Array([0.1, 1]);
  const alpha = (pixels: Uint8ClampedArray) => [pixels[3], pixels[7]];

  it("clears what lies under the threshold and fades with the opacity", () => {
    expect(alpha(paint(shares, colourTable(), { opacity: 1, threshold: 0.5 }))).toEqual([0, 255]);
    expect(alpha(paint(shares, colourTable(), { opacity: 0.4, threshold: 0 }))[1]).toBe(102);
  });

  it("is even when the map stands alone", () => {
    const solid = paint(shares, colourTable(), { opacity: 0, threshold: 0.5, solid: true });
    expect(alpha(solid)).toEqual([255, 255]);
  });
});
