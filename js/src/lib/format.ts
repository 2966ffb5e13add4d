// How numbers are written, everywhere alike: fixed decimals, a true minus sign, an en dash for "none".

export const MINUS = "\u2212";
export const NONE = "\u2013";

type Maybe = number | null | undefined;

function known(x: Maybe): x is number {
  return typeof x === "number" && Number.isFinite(x);
}

/** `fixed(0.3149)` is "0.31"; nothing is ever written as "-0.00". */
export function fixed(x: Maybe, digits = 2): string {
  if (!known(x)) return NONE;
  const text = Math.abs(x).toFixed(digits);
  return x < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/** `percent(0.342)` is "34 %" (a thin no-break space before the sign). */
export function percent(x: Maybe, digits = 0): string {
  return known(x) ? `${fixed(x * 100, digits)}\u202f%` : NONE;
}

/** As `fixed`, with a plus sign in front of what is above zero. */
export function signed(x: Maybe, digits = 2): string {
  if (!known(x)) return NONE;
  return x > 0 && Number(x.toFixed(digits)) !== 0 ? `+${fixed(x, digits)}` : fixed(x, digits);
}

/** `interval(0.22, 0.35)` is "[0.22, 0.35]". */
export function interval(low: Maybe, high: Maybe, digits = 2): string {
  return known(low) && known(high) ? `[${fixed(low, digits)}, ${fixed(high, digits)}]` : "";
}

/** Whole numbers with thousands separators: "1,200". */
export function count(n: Maybe): string {
  return known(n)
    ? Math.round(n)
        .toString()
        .replace(/\B(?=(\d{3})+$)/g, ",")
    : NONE;
}

/** `counted(1, "image")` is "1 image", `counted(1200, "image")` is "1,200 images". */
export function counted(n: number, noun: string, plural = `${noun}s`): string {
  return `${count(n)} ${n === 1 ? noun : plural}`;
}
