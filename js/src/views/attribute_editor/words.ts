// Values as a person types or pastes them.

/** Split a typed or pasted list at commas, semicolons, tabs and line ends; each value once. */
export function splitValues(text: string): string[] {
  const seen = new Set<string>();
  const values: string[] = [];
  for (const part of text.split(/[,;\t\r\n]+/)) {
    const value = tidy(part);
    if (value && !seen.has(value.toLowerCase())) {
      seen.add(value.toLowerCase());
      values.push(value);
    }
  }
  return values;
}

/** One value: no white space around it, single spaces inside, no quotes around the whole. */
export function tidy(text: string): string {
  const plain = text.replace(/\s+/g, " ").trim();
  const quoted = /^(["'])(.*)\1$/.exec(plain);
  return (quoted?.[2] ?? plain).trim();
}

/** Words for a list in a sentence: “a”, “b” and “c”. */
export function inWords(values: readonly string[]): string {
  const quoted = values.map((value) => `“${value}”`);
  if (quoted.length < 2) return quoted.join("");
  return `${quoted.slice(0, -1).join(", ")} and ${quoted[quoted.length - 1]}`;
}
