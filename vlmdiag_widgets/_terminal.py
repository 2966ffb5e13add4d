"""Progress of long work on a terminal: one line that is written over."""

from __future__ import annotations

import sys
import time
from typing import TextIO


class Meter:
    """A `ProgressFn` for people: "120 of 3,600 pictures, 14 s left".

    Parameters
    ----------
    things : str
        What is counted.
    stream : TextIO, optional
        Default: standard error. Where that is no terminal, a line is written every tenth of the
        way in place of one that is written over.
    """

    def __init__(self, things: str, stream: TextIO | None = None) -> None:
        self._things = things
        self._stream = sys.stderr if stream is None else stream
        self._live = self._stream.isatty()
        self._start = time.monotonic()
        self._shown = -1.0
        self._tenth = 0

    def __call__(self, done: int, total: int) -> None:
        """Show how far the work is."""
        if self._live:
            self._overwrite(done, total)
        elif total and done * 10 // total > self._tenth:
            self._tenth = done * 10 // total
            self._stream.write(self._line(done, total) + "\n")
            self._stream.flush()

    def _overwrite(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done < total and now - self._shown < 0.1:
            return
        self._shown = now
        end = "\n" if done >= total else ""
        self._stream.write(f"\r\x1b[K{self._line(done, total)}{end}")
        self._stream.flush()

    def _line(self, done: int, total: int) -> str:
        spent = time.monotonic() - self._start
        left = f", {duration(spent / done * (total - done))} left" if 0 < done < total else ""
        return f"{done:,} of {total:,} {self._things}{left}"


def duration(seconds: float) -> str:
    """Return a length of time in words: "40 s", "3 min", "1 h 10 min"."""
    if seconds < 90:
        return f"{round(seconds)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
