"""The Python that makes an audit again."""

from __future__ import annotations

import pprint
from typing import Any

from vlmdiag_widgets.audit.results import Materials
from vlmdiag_widgets.audit.state import EDITABLE, State


def audit_code(materials: Materials, state: State) -> str:
    """Return Python that makes the audit with its present settings.

    What code cannot name (images in memory, an estimator of the user's) stands as a line to
    fill in, marked ``...``.
    """
    lines = ["import vlmdiag_widgets as vd", ""]
    lines += [_encoder_line(materials.encoder), _data_line(materials), ""]
    lines += _audit_lines(materials, state)
    pointers = {
        name: state[name] for name in ("focus", "saliency_target") if state[name] is not None
    }
    lines += [f"audit.{name} = {value!r}" for name, value in pointers.items()]
    return "\n".join([*lines, "audit", ""])


def _encoder_line(encoder: Any) -> str:
    name, pretrained = getattr(encoder, "name", None), getattr(encoder, "pretrained", None)
    if encoder is None:
        return "encoder = None"
    if not hasattr(encoder, "describe"):
        return f"encoder = ...  # your {type(encoder).__name__}"
    if str(name).startswith("demo") or not pretrained:
        return f"encoder = vd.load_encoder({str(name)!r})"
    return f"encoder = vd.load_encoder({str(name)!r}, pretrained={str(pretrained)!r})"


def _data_line(materials: Materials) -> str:
    arguments = world_arguments(materials.dataset)
    if arguments is not None:
        name, knobs = arguments
        given = "".join(f", {key}={value!r}" for key, value in knobs.items())
        return f"data = vd.load_dataset({name!r}{given})"
    if materials.embeddings is not None:
        return f"x, labels, columns = ...  # your {len(materials.images):,} embeddings"
    return f"data = ...  # your images: {materials.images.name}"


def world_arguments(dataset: Any) -> tuple[str, dict[str, Any]] | None:
    """Return name and arguments of the `load_dataset` call that rendered a data set, or None."""
    record = getattr(dataset, "provenance", None) or {}
    if "world" not in record or "subset_of" in record:
        return None
    knobs = {"n": len(dataset), "seed": record.get("seed", 0), "size": record.get("size", 256)}
    return str(record["world"]), {**knobs, **record.get("knobs", {})}


def _audit_lines(materials: Materials, state: State) -> list[str]:
    head = "audit = vd.Audit("
    first = ["    encoder,", "    data,"]
    if materials.embeddings is not None:
        head = "audit = vd.Audit.from_embeddings("
        split = "    split=columns['split'],"
        first = [
            "    x,",
            "    labels,",
            "    encoder=encoder,",
            "    attributes_table=columns,",
            split,
        ]
    hidden = ("attributes", "templates", "ensemble") if materials.pasted is not None else ()
    settings = [
        _setting(name, state[name])
        for name in EDITABLE
        if name not in hidden and _said(name, state[name])
    ]
    pasted = ["    texts=...,  # your texts"] if materials.pasted is not None else []
    seed = [f"    seed={materials.seed},"] if materials.seed else []
    return [head, *first, _classifier(materials), *pasted, *settings, *seed, ")"]


def _said(name: str, value: Any) -> bool:
    defaults = {"ensemble": False, "target_class": None, "gap": "open", "colour_by": "class"}
    return value != {} and not (name in defaults and value == defaults[name])


def _classifier(materials: Materials) -> str:
    kind = materials.spec.made_by
    if kind in ("probe", "zero-shot"):
        return f"    classifier={kind!r},"
    return f"    classifier=...,  # your {materials.spec.title}"


def _setting(name: str, value: Any) -> str:
    text = pprint.pformat(value, width=88 - 4 - len(name) - 1, sort_dicts=False)
    indent = "\n" + " " * (4 + len(name) + 1)
    return f"    {name}={indent.join(text.splitlines())},"
