"""What travels between a view and its twin in the browser.

Keep in sync with ``js/src/lib/bridge.ts`` and ``js/src/lib/status.ts``; both sides are tested
against ``tests/protocol_cases.json``. A request is ``{id, kind, generation, payload}``, its answer
``{id, kind, generation, ok, payload | error}``; what the kernel says unasked has ``id`` None.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vlmdiag_widgets._errors import InputError, VlmdiagError

Json = dict[str, Any]

PHASES = ("empty", "loading", "ready", "stale", "failed")

#: Larger buffers are sent in pieces, so that no host's message limit is met.
CHUNK_BYTES = 4 * 1024 * 1024


class NothingToShow(Exception):
    """Raised by `View.build` when the results are there but hold nothing this view can show."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(message)


@dataclass(frozen=True)
class Request:
    """One request from the browser."""

    id: str
    kind: str
    generation: int
    payload: Json


def read_request(content: object) -> Request:
    """Check a message from the browser.

    Raises
    ------
    InputError
        When it is not ``{id, kind, generation, payload}`` with the right types.
    """
    if not isinstance(content, Mapping):
        raise InputError("A message must be an object.", "Expected {id, kind, payload}.")
    id_, kind, payload = content.get("id"), content.get("kind"), content.get("payload", {})
    generation = content.get("generation", 0)
    if not isinstance(id_, str) or not isinstance(kind, str) or not kind:
        raise InputError("A message needs an id and a kind.", "Expected {id, kind, payload}.")
    if not isinstance(payload, Mapping):
        raise InputError(f"The payload of {kind!r} must be an object.")
    whole = isinstance(generation, int) and not isinstance(generation, bool)
    return Request(id_, kind, generation if whole else 0, dict(payload))


def reply(request: Request, payload: Mapping[str, Any]) -> Json:
    """Answer a request with what was asked for."""
    head = {"id": request.id, "kind": request.kind, "generation": request.generation}
    return {**head, "ok": True, "payload": jsonable(payload)}


def refuse(content: object, error: BaseException) -> Json:
    """Answer a request (however malformed) with what went wrong."""
    given = content if isinstance(content, Mapping) else {}
    head = {"id": given.get("id"), "kind": given.get("kind"), "generation": 0}
    if isinstance(given.get("generation"), int):
        head["generation"] = given["generation"]
    return {**head, "ok": False, "error": describe(error)}


def push(kind: str, generation: int, payload: Mapping[str, Any]) -> Json:
    """Say something nobody asked for."""
    return {"id": None, "kind": kind, "generation": generation, "payload": jsonable(payload)}


def describe(error: BaseException) -> dict[str, str]:
    """Return ``{type, message, hint}`` of any error."""
    if isinstance(error, VlmdiagError | NothingToShow):
        return {"type": type(error).__name__, "message": error.message, "hint": error.hint}
    message = str(error) or type(error).__name__
    return {
        "type": type(error).__name__,
        "message": f"{type(error).__name__}: {message}",
        "hint": "This is unexpected; the kernel's log has the traceback.",
    }


def status(
    phase: str, message: str = "", hint: str = "", weak: str = "", job: object = None
) -> Json:
    """Return a view's ``status`` trait.

    Parameters
    ----------
    phase : str
        One of `PHASES`.
    """
    return {"phase": phase, "message": message, "hint": hint, "weak": weak, "job": job_state(job)}


def job_state(job: object) -> Json | None:
    """Return what the browser needs of a running job."""
    if job is None:
        return None
    names = ("id", "label", "done", "total", "cancellable")
    return {name: jsonable(getattr(job, name)) for name in names}


def jsonable(value: Any) -> Any:
    """Turn numpy and pandas values into plain JSON ones; NaN and infinities become None."""
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return jsonable(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: jsonable(getattr(value, field.name)) for field in fields}
    return _scalar(value.item() if isinstance(value, np.generic) else value)


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    # pandas marks what is missing by objects of its own; anything else is shown as it prints
    return None if type(value).__name__ in {"NAType", "NaTType"} else str(value)


def rows_from_buffer(buffers: list[Any]) -> np.ndarray:
    """Return the row numbers (uint32, little-endian) of a message's first buffer.

    Raises
    ------
    InputError
        When there is no buffer or it does not hold whole 4-byte numbers.
    """
    if not buffers:
        raise InputError("No row numbers came with the selection.")
    raw = bytes(buffers[0])
    if len(raw) % 4:
        raise InputError(f"{len(raw)} bytes are not whole 4-byte row numbers.")
    return np.frombuffer(raw, dtype="<u4").astype(np.uint32)


def rows_to_bytes(rows: Any) -> bytes:
    """Return row numbers as little-endian uint32 bytes."""
    return np.ascontiguousarray(rows, dtype="<u4").tobytes()
