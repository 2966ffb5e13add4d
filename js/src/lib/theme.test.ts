import { afterEach, describe, expect, it } from "vitest";
import { settle } from "./testing";
import { followTheme, isDark, luminance } from "./theme";

afterEach(() => {
  document.body.removeAttribute("style");
  document.body.replaceChildren();
});

describe("light or dark", () => {
  it("is the brightness of the nearest painted background", () => {
    document.body.style.backgroundColor = "rgb(17, 17, 17)";
    const outer = document.body.appendChild(document.createElement("div"));
    const inner = outer.appendChild(document.createElement("div"));
    expect(isDark(inner)).toBe(true);
    outer.style.backgroundColor = "rgb(255, 255, 255)";
    expect(isDark(inner)).toBe(false);
  });

  it("sees through what is transparent", () => {
    expect(luminance("rgba(0, 0, 0, 0)")).toBeNull();
    expect(luminance("rgb(255, 255, 255)")).toBeCloseTo(1);
  });

  it("follows the host while it changes, and stops", async () => {
    const element = document.body.appendChild(document.createElement("div"));
    const stop = followTheme(element);
    expect(element.classList.contains("vd-dark")).toBe(false);
    document.body.style.backgroundColor = "rgb(0, 0, 0)";
    await settle();
    expect(element.classList.contains("vd-dark")).toBe(true);
    stop();
    document.body.style.backgroundColor = "rgb(255, 255, 255)";
    await settle(300);
    expect(element.classList.contains("vd-dark")).toBe(true);
  });
});
