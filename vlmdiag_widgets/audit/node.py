"""What a results graph is made of: nodes, the inputs they get, and what watchers are told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vlmdiag_widgets._errors import VlmdiagError
from vlmdiag_widgets._progress import ProgressFn
from vlmdiag_widgets.audit.jobs import Job, JobInfo, ResultError

Phase = Literal["empty", "loading", "ready", "stale", "failed"]


@dataclass(frozen=True)
class Inputs:
    """Everything a result is made from."""

    state: Mapping[str, Any]
    needs: Mapping[str, Any]
    progress: ProgressFn


@dataclass(frozen=True)
class Node:
    """How one named result is made.

    `priority`: lower runs first. `preview`: may run between two batches of any other job.
    `yields`: between its own batches anything of lower priority number may run.
    `announce`: shown as a job from its start, not only once it reports progress.
    """

    name: str
    compute: Callable[[Inputs], Any]
    needs: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    label: str = ""
    priority: int = 5
    keep: int = 8
    preview: bool = False
    yields: bool = False
    announce: bool = False


@dataclass(frozen=True)
class ResultEvent:
    """What a watcher is told about a result."""

    name: str
    phase: Phase
    generation: int
    value: Any = None
    error: VlmdiagError | None = None
    job: JobInfo | None = None


class Snapshot:
    """A state that does not change, with the keys of all results under it."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = dict(values)
        self.keys: dict[str, str] = {}


@dataclass(frozen=True, eq=False)
class Want:
    """That somebody wants a result: of a fixed state, or of whatever the state is (None)."""

    name: str
    snapshot: Snapshot | None = None


@dataclass
class Running:
    """A result under way."""

    job: Job
    node: Node
    key: str


def digest(*parts: Any) -> str:
    """Return a short hash of JSON-like values; the order of dict entries counts."""
    text = json.dumps(parts, ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def explained(node: Node, error: BaseException) -> VlmdiagError:
    """Return an unforeseen error in words, the error itself as its cause."""
    what = node.label or node.name
    out_of_memory = isinstance(error, MemoryError) or "out of memory" in str(error).lower()
    hint = "Free some memory or use fewer images." if out_of_memory else "The cause is in the log."
    wrapped = ResultError(f"{what} failed: {type(error).__name__}: {error}", hint)
    wrapped.__cause__ = error
    return wrapped
