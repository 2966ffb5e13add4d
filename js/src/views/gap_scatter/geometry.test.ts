import { describe, expect, it } from "vitest";
import { between, fitted, matrix, pan, toScreen, toWorld, zoom } from "./camera";
import { Grid, isInside } from "./hit";
import { normalise } from "./model";

const size = { width: 600, height: 400 };

describe("normalise", () => {
  it("keeps the ratio of the axes, over both modalities", () => {
    const cloud = normalise(Float32Array.of(0, 0, 4, 0), Float32Array.of(2, 2));
    expect([...cloud.images]).toEqual([-1, -0.5, 1, -0.5]);
    expect([...cloud.texts]).toEqual([0, 0.5]);
    expect(cloud.half).toEqual([1, 0.5]);
  });

  it.each([[[]], [[3, 3]]])("works for hardly any points", (xy) => {
    const cloud = normalise(Float32Array.from(xy), new Float32Array());
    expect([...cloud.images].every((x) => x === 0)).toBe(true);
  });
});

describe("the camera", () => {
  it("fits everything, and goes there and back", () => {
    const camera = fitted([1, 0.5], size);
    const [left, top] = toScreen(camera, size, -1, 0.5);
    expect(left).toBeGreaterThan(0);
    expect(top).toBeGreaterThan(0);
    const [x, y] = toWorld(camera, size, ...toScreen(camera, size, 0.3, -0.2));
    expect([x, y]).toEqual([expect.closeTo(0.3), expect.closeTo(-0.2)]);
  });

  it("zooms about the pointer and pans by pixels", () => {
    const camera = fitted([1, 1], size);
    const at = toWorld(camera, size, 100, 50);
    const closer = zoom(camera, size, 2, 100, 50);
    expect(closer.scale).toBe(camera.scale * 2);
    const [px, py] = toScreen(closer, size, ...at);
    expect([px, py]).toEqual([expect.closeTo(100), expect.closeTo(50)]);
    expect(toScreen(pan(camera, 10, -5), size, 0, 0)).toEqual([310, 195]);
  });

  it("is the same as the matrix the plot is given", () => {
    const camera = { x: 0.2, y: -0.1, scale: 150 };
    const m = matrix(camera, size);
    const [px, py] = toScreen(camera, size, 0.5, 0.4);
    const clipX = ((m[0] as number) * 0.5 + (m[12] as number)) * (size.height / size.width);
    const clipY = (m[5] as number) * 0.4 + (m[13] as number);
    expect(((clipX + 1) / 2) * size.width).toBeCloseTo(px, 3);
    expect(((1 - clipY) / 2) * size.height).toBeCloseTo(py, 3);
  });

  it("moves evenly between two views", () => {
    const [a, b] = [
      { x: 0, y: 0, scale: 100 },
      { x: 1, y: 2, scale: 400 },
    ];
    expect(between(a, b, 0)).toEqual(a);
    expect(between(a, b, 0.5)).toEqual({ x: 0.5, y: 1, scale: 200 });
  });
});

describe("finding points", () => {
  const random = (seed: number) => () => {
    seed = (seed * 16807) % 2147483647;
    return (seed / 2147483647) * 2.2 - 1.1; // some lie outside the grid
  };

  it("agrees with looking at all of them", () => {
    const next = random(7);
    const points = Float32Array.from({ length: 4000 }, next);
    const grid = new Grid(points);
    for (let k = 0; k < 50; k++) {
      const [x, y] = [next(), next()];
      let [best, least] = [-1, 0.05 ** 2];
      for (let i = 0; i < points.length / 2; i++) {
        const square =
          ((points[2 * i] as number) - x) ** 2 + ((points[2 * i + 1] as number) - y) ** 2;
        if (square <= least) [best, least] = [i, square];
      }
      expect(grid.nearest(x, y, 0.05)).toBe(best);
    }
    const outline = [-0.5, -0.5, 0.6, -0.4, 0.2, 0.7];
    const inside = [...new Array(2000).keys()].filter((i) =>
      isInside(outline, points[2 * i] as number, points[2 * i + 1] as number),
    );
    expect([...grid.inside(outline)]).toEqual(inside);
    expect(inside.length).toBeGreaterThan(100);
  });

  it("finds nothing where there is nothing", () => {
    const grid = new Grid(new Float32Array());
    expect(grid.nearest(0, 0, 1)).toBe(-1);
    expect([...grid.inside([-1, -1, 1, -1, 0, 1])]).toEqual([]);
  });

  it("a million points are sorted in good time", () => {
    const points = Float32Array.from({ length: 2_000_000 }, random(3));
    const before = performance.now();
    const grid = new Grid(points);
    expect(grid.nearest(0, 0, 0.01)).toBeGreaterThanOrEqual(0);
    expect(performance.now() - before).toBeLessThan(2000);
  });
});
