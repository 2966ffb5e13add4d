import { describe, expect, it } from "vitest";
import { marked, pieces } from "./syntax";

const template = "a photo of a [{species}|bird][ in the {place}].";

describe("pieces", () => {
  it("together are the template again", () => {
    for (const text of [template, "", "{", "a {b [c", "{{x}} || [[ ]]", "[{a}|{b}|c]"]) {
      expect(
        pieces(text)
          .map((p) => p.text)
          .join(""),
      ).toBe(text);
    }
  });

  it("tell fields, signs and doubled signs apart", () => {
    const fields = pieces(template).filter((p) => p.tone === "field");
    expect(fields.map((p) => p.text)).toEqual(["{species}", "{place}"]);
    expect(pieces("{{x}}").map((p) => p.tone)).toEqual(["escaped", "plain", "escaped"]);
    expect(pieces("[|]").map((p) => p.tone)).toEqual(["sign", "sign", "sign"]);
  });
});

describe("marked", () => {
  it("picks out each value once, longest first", () => {
    const made = marked("a photo of a bamboo in the bamboo forest.", ["bamboo", "bamboo forest"]);
    expect(made.filter((p) => p.tone === "field").map((p) => p.text)).toEqual([
      "bamboo",
      "bamboo forest",
    ]);
    expect(made.map((p) => p.text).join("")).toBe("a photo of a bamboo in the bamboo forest.");
  });

  it("leaves a text without values whole", () => {
    expect(marked("a bird.", ["", "ocean"])).toEqual([{ text: "a bird.", tone: "plain" }]);
  });
});
