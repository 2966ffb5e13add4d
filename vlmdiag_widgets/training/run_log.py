"""What a training run says while it runs: a line that updates, and ``log.jsonl`` on disk."""

from __future__ import annotations

import json
import math
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any, TextIO


class Line:
    """A line of a terminal that updates; elsewhere, now and then a line of its own.

    Parameters
    ----------
    stream : TextIO, optional
        Where people read; default: standard error.
    every : float
        Least seconds between two lines where it is no terminal.
    """

    def __init__(self, stream: TextIO | None = None, every: float = 15.0) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._every, self._last, self._width = every, -math.inf, 0

    def show(self, text: str) -> None:
        """Show a state."""
        now = time.monotonic()
        if self._live:
            # Spaces wipe what a longer line left.
            self._stream.write("\r" + text.ljust(self._width))
            self._width = len(text)
        elif now - self._last >= self._every:
            self._stream.write(text + "\n")
            self._last = now
        self._stream.flush()

    def end(self) -> None:
        """Leave the line as it stands."""
        if self._live and self._width:
            self._stream.write("\n")
            self._width = 0


def append_json(path: Path, **values: Any) -> None:
    """Append a report to a file of JSON lines."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(values) + "\n")


def machine() -> dict[str, Any]:
    """Return the processor's model and the number of cores."""
    model = platform.processor() or platform.machine()
    described = Path("/proc/cpuinfo")
    if described.is_file():
        for line in described.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {"processor": model, "cores": os.cpu_count()}
