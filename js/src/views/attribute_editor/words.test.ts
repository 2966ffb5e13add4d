import { describe, expect, it } from "vitest";
import { inWords, splitValues, tidy } from "./words";

describe("splitValues", () => {
  it("takes commas, semicolons, tabs and lines", () => {
    expect(splitValues("lake, forest;bamboo forest\n\tocean\r\n")).toEqual([
      "lake",
      "forest",
      "bamboo forest",
      "ocean",
    ]);
  });

  it("keeps each value once, whatever its case", () => {
    expect(splitValues("Lake, lake ,,LAKE")).toEqual(["Lake"]);
    expect(splitValues("  ,\n")).toEqual([]);
  });
});

it("tidy drops quotes and spare white space", () => {
  expect(tidy('  "rainy   street" ')).toBe("rainy street");
  expect(tidy("a bird's nest")).toBe("a bird's nest");
});

it("inWords reads as a sentence", () => {
  expect(inWords(["a"])).toBe("“a”");
  expect(inWords(["a", "b", "c"])).toBe("“a”, “b” and “c”");
});
