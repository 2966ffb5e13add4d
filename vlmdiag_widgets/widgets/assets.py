"""The browser bundles that come with the package, read when a view is first made."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

STATIC = Path(__file__).parent.parent / "static"

#: Stands in for a bundle that was never built; a view must not fail at import.
NOT_BUILT = """export default {{ render({{ el }}) {{
  el.textContent = "The browser side of this view ({name}) is not built: " +
    "run `npm ci && npm run build` in js/, then run this cell again.";
}} }};"""


def script(bundle: str) -> str:
    """Return the ES module of a view, or a module that says that it is not built."""
    path = STATIC / f"{bundle}.js"
    return _read(path, _version(path)) if path.exists() else NOT_BUILT.format(name=bundle)


def styles() -> str:
    """Return the style sheet shared by every view."""
    path = STATIC / "vlmdiag.css"
    return _read(path, _version(path)) if path.exists() else ""


def _version(path: Path) -> int:
    return path.stat().st_mtime_ns


@lru_cache(maxsize=32)
def _read(path: Path, _version: int) -> str:
    """Read once per version, so that a rebuilt bundle is seen without a new kernel."""
    return path.read_text(encoding="utf-8")
