"""Where the figures of an audit come from: versions, seeds, hashes, device, timings."""

from __future__ import annotations

import datetime as dt
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from vlmdiag_widgets.audit.classifier import HELD_OUT, ZERO_SHOT_PROMPT
from vlmdiag_widgets.audit.graph import Graph
from vlmdiag_widgets.audit.node import digest
from vlmdiag_widgets.audit.results import Materials
from vlmdiag_widgets.audit.state import State

PACKAGES = (
    "vlmdiag_widgets",
    "torch",
    "open_clip_torch",
    "timm",
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
)


def provenance_of(materials: Materials, state: State, graph: Graph) -> dict[str, Any]:
    """Return what is needed to judge or repeat an audit, as JSON values."""
    images = materials.images
    return {
        "made": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "platform": platform.platform(),
        "encoder": _encoder(materials.encoder),
        "dataset": {
            "name": images.name,
            "images": len(images),
            "evaluated": len(images.evaluation_rows()),
            "splits": {name: len(images.rows(name)) for name in ("train", "val", "test")},
            "classes": images.classes,
            "digest": digest(
                list(images.ids), [str(v) for v in images.class_of], list(images.split)
            ),
            "broken": len(getattr(materials.dataset, "broken", ())),
            **{f"source_{k}": v for k, v in dataset_record(materials.dataset).items()},
        },
        "classifier": {"kind": materials.spec.made_by, "title": materials.spec.title},
        "methods": methods(materials.spec.made_by),
        "seed": materials.seed,
        "state": digest(state),
        "results": {name: graph.key(name) for name in graph.nodes},
        "seconds": {name: round(seconds, 4) for name, seconds in graph.seconds.items()},
    }


def methods(classifier: str) -> dict[str, Any]:
    """Return the settings of the diagnoses that the user does not choose."""
    from vlmdiag_widgets.diagnosis import FailureDirections, LinearProbe

    probe, directions = LinearProbe(), FailureDirections()
    trained = {"epochs": probe.epochs, "lr": probe.lr, "batch_size": probe.batch_size}
    made = {"probe": {**trained, "held_out": HELD_OUT}, "zero-shot": {"prompt": ZERO_SHOT_PROMPT}}
    fitted = {name: getattr(directions, name) for name in ("n_permutations", "folds", "alpha")}
    return {
        "classifier": made.get(classifier, {}),
        "directions": {**fitted, "grid": list(directions.grid), "whiten": directions.whiten},
    }


def versions() -> dict[str, str]:
    """Return the versions of Python and of what the figures depend on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def dataset_record(dataset: Any) -> dict[str, Any]:
    """Return what a data set says of its origin, JSON values only."""
    record = getattr(dataset, "provenance", None) or {}
    return {str(key): plain(value) for key, value in record.items()}


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it; what it cannot hold becomes text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        value = value.item()
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _encoder(encoder: Any) -> dict[str, Any] | None:
    if encoder is None:
        return None
    if hasattr(encoder, "describe"):
        return {str(key): plain(value) for key, value in encoder.describe().items()}
    return {"name": str(getattr(encoder, "name", type(encoder).__name__))}
