// Light or dark is told by how bright the host's background is, so that it works in every host alike.

const HOST_ATTRIBUTES = [
  "class",
  "style",
  "data-jp-theme-light",
  "data-vscode-theme-kind",
  "data-theme",
];

/** Keeps `vd-dark` on `element` true to the host's background until the returned function is called. */
export function followTheme(element: HTMLElement): () => void {
  const update = () => element.classList.toggle("vd-dark", isDark(element));
  // Hosts swap style sheets after they change the attribute, so look once more a little later.
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = () => {
    update();
    clearTimeout(timer);
    timer = setTimeout(update, 250);
  };
  const observer = new MutationObserver(later);
  for (const node of [document.documentElement, document.body]) {
    observer.observe(node, { attributes: true, attributeFilter: HOST_ATTRIBUTES });
  }
  const scheme = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
  scheme?.addEventListener?.("change", later);
  update();
  // When first drawn the element may not be in the page yet.
  const frame = requestAnimationFrame(later);
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    observer.disconnect();
    scheme?.removeEventListener?.("change", later);
  };
}

export function isDark(element: HTMLElement): boolean {
  for (let node: Node | null = element.parentNode; node; node = parentOf(node)) {
    const background =
      node instanceof HTMLElement && luminance(getComputedStyle(node).backgroundColor);
    if (typeof background === "number") return background < 0.4;
  }
  return false; // nothing painted at all: browsers draw white
}

function parentOf(node: Node): Node | null {
  return node.parentNode ?? (node instanceof ShadowRoot ? node.host : null);
}

/** Relative brightness 0…1 of "rgb(…)" or "rgba(…)"; null when (almost) transparent. */
export function luminance(color: string): number | null {
  const [r, g, b, alpha = 1] = (color.match(/[\d.]+/g) ?? []).map(Number);
  if (r === undefined || g === undefined || b === undefined || alpha < 0.5) return null;
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}
