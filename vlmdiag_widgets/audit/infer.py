"""What the data say about attributes: which tell the class, which follow from another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.audit.images import ImageTable
from vlmdiag_widgets.audit.templates import parse

#: A column with more different values than this is no attribute but an id or a number.
MAX_VALUES = 60
#: Images per value, on average, below which "follows from" would be chance.
MIN_PER_VALUE = 3

LabelOf = dict[str, dict[str, str]]
GroupOf = dict[str, dict[str, dict[str, str]]]


def candidate_columns(images: ImageTable) -> list[str]:
    """Return the attribute columns that hold 2 to `MAX_VALUES` values."""
    counts = {name: images.attributes[name].nunique() for name in images.attributes.columns}
    return [name for name, count in counts.items() if 2 <= count <= MAX_VALUES]


def find_groups(images: ImageTable) -> GroupOf:
    """Return attributes that are coarser versions of another one: habitat, from place.

    An attribute that tells the class on its own is never taken as derived.
    """
    columns = candidate_columns(images)
    telling = set(find_labels(images, columns))
    groups: GroupOf = {}
    for name in columns:
        if name in telling:
            continue
        for source in columns:
            mapping = (
                None if source in (name, *groups) else function_of(images.attributes, source, name)
            )
            if mapping is not None:
                groups[name] = {source: mapping}
                break
    return groups


def function_of(frame: pd.DataFrame, source: str, target: str) -> dict[str, str] | None:
    """Return value → value when `target` follows from `source` and is coarser, else None."""
    pairs = frame[[source, target]].dropna()
    unique = pairs.drop_duplicates()
    if unique.empty or unique[source].duplicated().any():
        return None
    groups = set(unique[target])
    coarser = 1 < len(groups) < len(unique)
    if not coarser or len(pairs) < MIN_PER_VALUE * len(unique):
        return None
    return dict(sorted(zip(unique[source], unique[target], strict=True)))


def find_labels(images: ImageTable, columns: Iterable[str]) -> LabelOf:
    """Return, for attributes of whose every value all images have one class, value → class."""
    found: LabelOf = {}
    classes = pd.Series(images.class_of, dtype=object)
    for name in columns:
        if name not in images.attributes.columns:
            continue
        pairs = pd.DataFrame({"value": images.attributes[name], "of": classes}).dropna()
        unique = pairs.drop_duplicates()
        fixed = not unique.empty and not unique["value"].duplicated().any()
        if fixed and len(set(unique["of"])) > 1 and len(pairs) >= 2 * len(unique):
            found[name] = dict(sorted(zip(unique["value"], unique["of"], strict=True)))
    return found


def label_of_for(
    attributes: Mapping[str, Iterable[str]],
    images: ImageTable,
    templates: Any = None,
) -> LabelOf:
    """Return the attributes that tell the class of a text, with what they say.

    First what the images show, then attributes all of whose values are names of classes. Where
    one text could name two of them (each value of one with each of the other: the data may be
    biased so that the colour tells the class as well as the shape), only one is asked: the one
    whose values are class names, else the first.
    """
    found = _telling(attributes, images)
    by_name = sorted(found, key=lambda name: list(found[name]) != list(found[name].values()))
    kept: list[str] = []
    for name in by_name:
        if not any({name, other} <= named for other in kept for named in _named(templates, found)):
            kept.append(name)
    return {name: found[name] for name in found if name in kept}


def _named(templates: Any, found: LabelOf) -> list[set[str]]:
    """Return the attributes each template names; all, where templates are not given (well)."""
    given = [templates] if isinstance(templates, str) else templates
    try:
        return [set(parse(text).names) for text in given]
    except (InputError, TypeError, AttributeError):
        return [set(found)]


def _telling(attributes: Mapping[str, Iterable[str]], images: ImageTable) -> LabelOf:
    seen = find_labels(images, attributes)
    found: LabelOf = {}
    for name, values in attributes.items():
        classes = {value: value for value in values if value in images.classes}
        known = {value: seen[name][value] for value in values if value in seen.get(name, {})}
        if len(classes) == len(list(values)):
            found[name] = classes
        elif known:
            found[name] = {**classes, **known}
    return found


def default_attributes(images: ImageTable, groups: GroupOf) -> dict[str, list[str]]:
    """Return what the data carry: each attribute with its values, sorted, no derived ones."""
    return {
        name: sorted(images.attributes[name].dropna().unique())
        for name in candidate_columns(images)
        if name not in groups
    }
