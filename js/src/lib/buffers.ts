// Raw little-endian buffers. A DataView from the kernel may start anywhere in its ArrayBuffer,
// and typed arrays need aligned starts, so an unaligned view is copied.

export function float32(view: DataView): Float32Array<ArrayBuffer> {
  return new Float32Array(...aligned(view));
}

export function uint32(view: DataView): Uint32Array<ArrayBuffer> {
  return new Uint32Array(...aligned(view));
}

/** Little-endian bytes of row numbers, ready to send. */
export function rowsBuffer(rows: ArrayLike<number>): ArrayBuffer {
  return Uint32Array.from(rows).buffer;
}

function aligned(view: DataView): [ArrayBuffer, number, number] {
  const { buffer, byteOffset, byteLength } = view;
  if (byteLength % 4) throw new RangeError(`${byteLength} bytes are not whole 4-byte numbers`);
  if (byteOffset % 4 === 0) return [buffer as ArrayBuffer, byteOffset, byteLength / 4];
  return [buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer, 0, byteLength / 4];
}
