"""Edits of attributes as changes to the audit's settings, each with what hangs on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.audit.templates import default_template, parse
from vlmdiag_widgets.widgets.messages import Json

if TYPE_CHECKING:
    from vlmdiag_widgets.audit import Audit
    from vlmdiag_widgets.widgets.image_values import ImageValues

Changes = dict[str, Any]


def add_values(audit: Audit, payload: Json, images: ImageValues) -> Changes:
    """Add `values` to `attribute`, with `classes` (value → class) where given."""
    name = _attribute(audit, payload)
    values = [value for value in _texts(payload, "values") if value not in audit.attributes[name]]
    if not values:
        return {}
    attributes = {**audit.attributes, name: [*audit.attributes[name], *values]}
    return {"attributes": attributes, **_labels_with(audit, name, values, payload, images)}


def _labels_with(
    audit: Audit, name: str, values: list[str], payload: Json, images: ImageValues
) -> Changes:
    """Return `label_of` with the classes of new values: given ones first, then the images'."""
    if name not in audit.label_of:
        return {}
    known = {value: class_ for value, class_ in images.classes(name).items() if class_}
    given = {**known, **dict(payload.get("classes") or {})}
    new = {value: given[value] for value in values if value in given}
    return {"label_of": {**audit.label_of, name: {**audit.label_of[name], **new}}}


def remove_value(audit: Audit, payload: Json, _images: ImageValues) -> Changes:
    """Remove `value` from `attribute`."""
    name, value = _attribute(audit, payload), _text(payload, "value")
    left = [kept for kept in audit.attributes[name] if kept != value]
    if not left:
        raise InputError(
            f"“{value}” is the last value of {name}.", "Add another first, or remove the attribute."
        )
    return {"attributes": {**audit.attributes, name: left}}


def rename_value(audit: Audit, payload: Json, images: ImageValues) -> Changes:
    """Write `to` where `value` stood, with its class."""
    name, value, to = _attribute(audit, payload), _text(payload, "value"), _text(payload, "to")
    values = audit.attributes[name]
    if value not in values:
        raise InputError(f"{name} has no value “{value}” any more.")
    if to in values:
        raise InputError(f"“{to}” is already a value of {name}.", "Remove one of the two instead.")
    changes: Changes = {
        "attributes": {**audit.attributes, name: [to if v == value else v for v in values]}
    }
    labels = audit.label_of.get(name)
    if labels is not None:
        own = images.classes(name).get(to) or labels.get(value)
        new = {**labels, **({to: own} if own else {})}
        changes["label_of"] = {**audit.label_of, name: new}
    return changes


def add_attribute(audit: Audit, payload: Json, images: ImageValues) -> Changes:
    """Add `attribute` with `values`; without values, those that the images carry."""
    name, values = _text(payload, "attribute"), _texts(payload, "values")
    if name in audit.attributes:
        raise InputError(f"There is an attribute {name!r} already.", "Add the values to it.")
    if not values:
        values = sorted(images.counts(name) or {})
    if not values:
        raise InputError(
            f"No image has an attribute {name!r}, so its values are not known.",
            "Type some, separated by commas.",
        )
    changes: Changes = {"attributes": {**audit.attributes, name: values}}
    if not audit.templates:  # the first attribute of all: without a prompt it would make no text
        changes["templates"] = [default_template([name], name)]
    return changes


def remove_attribute(audit: Audit, payload: Json, _images: ImageValues) -> Changes:
    """Remove `attribute`, which no prompt may name any more."""
    name = _attribute(audit, payload)
    using = [source for source in audit.templates if name in parse(source).names]
    if using:
        raise InputError(
            f"The prompt “{using[0]}” uses {{{name}}}.", f"Take {{{name}}} out of it first."
        )
    return {"attributes": {n: v for n, v in audit.attributes.items() if n != name}}


def rename_attribute(audit: Audit, payload: Json, _images: ImageValues) -> Changes:
    """Call `attribute` by `to` in the prompts, classes, groups and slices as well."""
    old, new = _attribute(audit, payload), _text(payload, "to")
    if new in audit.attributes:
        raise InputError(f"There is an attribute {new!r} already.")

    def swap(name: str) -> str:
        return new if name == old else name

    return {
        "attributes": {swap(n): v for n, v in audit.attributes.items()},
        "templates": [rename_field(source, old, new) for source in audit.templates],
        "label_of": {swap(n): m for n, m in audit.label_of.items()},
        "group_of": {
            derived: {swap(n): m for n, m in sources.items()}
            for derived, sources in audit.group_of.items()
        },
        "slice_by": [swap(n) for n in audit.slice_by],
        "colour_by": swap(audit.colour_by),
    }


def set_group(audit: Audit, payload: Json, _images: ImageValues) -> Changes:
    """Let `value` of `attribute` belong to `group` of the derived attribute `derived`."""
    name, derived = _attribute(audit, payload), _text(payload, "derived")
    sources = audit.group_of.get(derived, {})
    if name not in sources:
        raise InputError(f"{derived!r} is not derived from {name!r}.")
    mapping = {**sources[name], _text(payload, "value"): _text(payload, "group")}
    return {"group_of": {**audit.group_of, derived: {**sources, name: mapping}}}


def rename_field(source: str, old: str, new: str) -> str:
    """Write ``{new}`` for ``{old}`` in a prompt; doubled braces are signs and stay."""
    field = re.compile(r"\{\{|\}\}|\{\s*" + re.escape(old) + r"\s*\}")
    return field.sub(lambda m: m[0] if m[0] in ("{{", "}}") else f"{{{new}}}", source)


EDITS: dict[str, Callable[[Any, Json, ImageValues], Changes]] = {
    "add_values": add_values,
    "remove_value": remove_value,
    "rename_value": rename_value,
    "add_attribute": add_attribute,
    "remove_attribute": remove_attribute,
    "rename_attribute": rename_attribute,
    "set_group": set_group,
}


def note_on(audit: Audit, kind: str, payload: Json, images: ImageValues) -> str:
    """Return what works but may not be meant after an edit, "" for nothing."""
    if kind == "add_values":
        return _doubled(audit, _text(payload, "attribute"), _texts(payload, "values"))
    if kind == "rename_value":
        name, to = _text(payload, "attribute"), _text(payload, "to")
        found = images.counts(name)
        if found is not None and to not in found:
            return f"No image carries “{to}”: its slices rest on texts alone."
    return ""


def _doubled(audit: Audit, name: str, values: list[str]) -> str:
    """A word under two attributes makes texts that can be read two ways."""
    for value in values:
        other = next((n for n, vs in audit.attributes.items() if n != name and value in vs), None)
        if other is not None:
            return f"“{value}” is also a value of {other}: it now stands for both."
    return ""


def ungrouped(audit: Audit, name: str) -> list[Json]:
    """Return the values that slices leave out because they belong to no group yet."""
    return [
        {"derived": derived, "value": value, "groups": sorted(set(sources[name].values()))}
        for derived, sources in audit.group_of.items()
        for value in audit.attributes[name]
        if name in sources and value not in sources[name]
    ]


# Messages ---------------------------------------------------------------------------------------


def _text(payload: Json, name: str) -> str:
    value = payload.get(name)
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"The message lacks {name!r}.", f"Give {name} as a text.")
    return value.strip()


def _texts(payload: Json, name: str) -> list[str]:
    values = payload.get(name)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise InputError(f"{name} must be a list of texts.")
    return [value.strip() for value in values if value.strip()]


def _attribute(audit: Audit, payload: Json) -> str:
    name = _text(payload, "attribute")
    if name not in audit.attributes:
        raise InputError(f"There is no attribute {name!r} any more.")
    return name
