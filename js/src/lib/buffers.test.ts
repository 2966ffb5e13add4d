import { describe, expect, it } from "vitest";
import { float32, rowsBuffer, uint32 } from "./buffers";

/** The same four bytes after `offset` bytes of something else. */
function at(offset: number, bytes: number[]): DataView {
  const whole = new Uint8Array([...new Array(offset).fill(255), ...bytes, 255]);
  return new DataView(whole.buffer, offset, bytes.length);
}

describe("raw buffers", () => {
  it.each([0, 1, 2, 3, 4, 8])("numbers are read from byte %i on", (offset) => {
    expect([...uint32(at(offset, [1, 0, 0, 0, 0, 1, 0, 0]))]).toEqual([1, 256]);
    expect([...float32(at(offset, [0, 0, 128, 63]))]).toEqual([1]);
  });

  it("an aligned buffer is not copied", () => {
    const view = at(4, [1, 0, 0, 0]);
    expect(uint32(view).buffer).toBe(view.buffer);
  });

  it("half a number is refused", () => {
    expect(() => uint32(at(0, [1, 2, 3]))).toThrow(RangeError);
  });

  it("rows go out little-endian", () => {
    expect([...new Uint8Array(rowsBuffer([258]))]).toEqual([2, 1, 0, 0]);
  });
});
