"""What the user edits: checks of each change, and what follows from it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from vlmdiag_widgets._errors import InputError, nearest_names
from vlmdiag_widgets.audit import ensemble, infer
from vlmdiag_widgets.audit.images import ImageTable, is_reserved
from vlmdiag_widgets.audit.templates import Template, parse_all, template_warnings
from vlmdiag_widgets.audit.texts import MAX_TEXTS, count_texts

State = dict[str, Any]

#: Settings that undo takes back, in the order in which they are checked.
EDITABLE = (
    "attributes", "templates", "ensemble", "label_of", "group_of", "target_class", "slice_by",
    "gap", "colour_by",
)  # fmt: skip
#: Settings of the moment, not worth an undo.
POINTERS = ("focus", "hover", "saliency_target")
#: What points may be coloured by, besides attributes.
COLOURS = ("class", "predicted", "correct", "probability", "modality")


@dataclass(frozen=True)
class Facts:
    """What checks need to know and no edit changes."""

    images: ImageTable
    classes: tuple[str, ...]
    pasted: bool = False

    @cached_property
    def telling(self) -> tuple[str, ...]:
        """Attributes of whose every value all images have one class."""
        return tuple(infer.find_labels(self.images, infer.candidate_columns(self.images)))

    def columns(self, state: State) -> list[str]:
        """Return what slices may be made by: class, attributes, derived attributes."""
        names = ["class", *state["attributes"], *state["group_of"], *self.images.attributes]
        return list(dict.fromkeys(names))


def _refuse_half_characters(value: Any) -> None:
    """No file, browser or tokenizer takes half of a surrogate pair."""
    if isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value):
        raise InputError(f"{value!r} holds half of a character.", "Type it again.")
    if isinstance(value, Mapping):
        _refuse_half_characters([*value, *value.values()])
    elif isinstance(value, list | tuple | set):
        for item in value:
            _refuse_half_characters(item)


def checked(current: State, changes: Mapping[str, Any], facts: Facts) -> State:
    """Return the state after `changes`, or raise and change nothing.

    Attributes that go take their entries in slice_by, colour_by and group_of with them, unless
    these are given in the same edit.

    Raises
    ------
    InputError
        For an unknown setting, a value of the wrong kind, or settings that do not fit together.
    """
    unknown = [name for name in changes if name not in (*EDITABLE, *POINTERS)]
    if unknown:
        near = nearest_names(unknown[0], (*EDITABLE, *POINTERS)) or EDITABLE
        raise InputError(f"There is no setting {unknown[0]!r}.", f"Did you mean {near[0]!r}?")
    if facts.pasted and {"attributes", "templates", "ensemble"} & set(changes):
        raise InputError(
            "This audit was made with texts of your own, so there is nothing to compose.",
            "Make an audit with attributes and templates instead of texts.",
        )
    _refuse_half_characters(changes)
    new = dict(current)
    for name in (*EDITABLE, *POINTERS):
        if name in changes:
            new[name] = _CHECKS[name](changes[name], new, facts)
    _prune(new, set(changes), facts)
    composed = not facts.pasted and (new["attributes"] or new["templates"])
    if composed and {"attributes", "templates", "ensemble", "label_of"} & set(changes):
        _check_together(new, facts)
    return new


def same(one: Any, other: Any) -> bool:
    """Tell whether two settings are equal, entries of a mapping in the same order, too."""
    return bool(one == other) and (not isinstance(one, dict) or repr(one) == repr(other))


def notes_on(state: State, facts: Facts) -> list[str]:
    """Return, in words, what works but may not be meant."""
    if facts.pasted or not state["attributes"]:
        return []
    notes = template_warnings(
        parse_all(state["templates"], state["attributes"]), state["attributes"]
    )
    unasked = [n for n in facts.telling if n in state["attributes"] and n not in state["label_of"]]
    if unasked and state["label_of"]:
        notes.append(
            f"In these images {_quoted(unasked)} goes with the class as closely as "
            f"{_quoted(list(state['label_of']))} does, from which texts take their class; "
            "label_of changes that."
        )
    for derived, sources in state["group_of"].items():
        for source, mapping in sources.items():
            lost = [v for v in state["attributes"].get(source, ()) if v not in mapping]
            if lost:
                notes.append(
                    f"{_quoted(lost)} of {source} belongs to no {derived}, so slices by {derived} "
                    f'leave it out; set group_of={{"{derived}": {{"{source}": {{…}}}}}}.'
                )
    return notes


def _attributes(value: Any, _: State, __: Facts) -> dict[str, list[str]]:
    return check_attributes(value)


def check_attributes(value: Any) -> dict[str, list[str]]:
    """Return attribute → values, as plain dict and lists of strings."""
    if not isinstance(value, Mapping) or not value:
        raise InputError(
            f"attributes is {value!r}; expected names with lists of values.",
            'Write attributes={"place": ["ocean", "forest"]}.',
        )
    return {_name(name): _values(name, values) for name, values in value.items()}


def _name(name: Any) -> str:
    if not isinstance(name, str) or not name.strip() or set(name) & set("{}[]|"):
        raise InputError(
            f"{name!r} cannot name an attribute.", "Use a word without braces, brackets or bars."
        )
    if is_reserved(name):
        raise InputError(
            f"An attribute cannot be named {name!r}: result tables use that name.",
            f"Choose another name, such as {name.removeprefix('p:')}_.",
        )
    return name.strip()


def _values(name: Any, values: Any) -> list[str]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InputError(
            f"The attribute {name!r} has {values!r}; expected a list of values.",
            f'Write {{"{name}": ["{values or "value"}"]}}.',
        )
    listed = list(values)
    if any(value is None or value != value for value in listed):  # noqa: PLR0124 - NaN
        raise InputError(f"The attribute {name!r} has an empty value.", "Remove it.")
    found = [str(value).strip() for value in listed]
    if not found:
        raise InputError(
            f"The attribute {name!r} has no values.", "Add one, or remove the attribute."
        )
    if "" in found:
        raise InputError(f"The attribute {name!r} has an empty value.", "Remove it.")
    twice = [value for value in dict.fromkeys(found) if found.count(value) > 1]
    if twice:
        raise InputError(
            f"The attribute {name!r} has {_quoted(twice)} more than once.", "Remove the repeats."
        )
    return found


def _templates(value: Any, _: State, __: Facts) -> list[str]:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, Sequence) or not all(isinstance(item, str) for item in value):
        raise InputError(
            f"templates is {value!r}; expected a list of strings.",
            'Write templates=["a photo of a {species}."].',
        )
    return list(value)


def _flag(value: Any, _: State, __: Facts) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"ensemble is {value!r}; expected True or False.", "Write ensemble=True.")
    return value


def _label_of(value: Any, state: State, facts: Facts) -> dict[str, dict[str, str]]:
    labels = _nested(value, "label_of", 'label_of={"species": {"mallard": "waterbird"}}')
    for name, mapping in labels.items():
        if not facts.pasted and name not in state["attributes"]:
            _unknown_attribute("label_of", name, state)
        for given, class_ in mapping.items():
            if class_ not in facts.classes:
                near = nearest_names(str(class_), facts.classes) or list(facts.classes)
                raise InputError(
                    f"label_of says that {name}={given!r} is {class_!r}, which is no class.",
                    f"The classes are {', '.join(facts.classes)}. Did you mean {near[0]!r}?",
                )
    return labels


def _group_of(value: Any, state: State, facts: Facts) -> dict[str, dict[str, dict[str, str]]]:
    example = 'group_of={"habitat": {"place": {"ocean": "water"}}}'
    if not isinstance(value, Mapping):
        raise InputError(f"group_of is {value!r}; expected a mapping.", f"Write {example}.")
    groups = {
        _name(derived): _nested(sources, "group_of", example) for derived, sources in value.items()
    }
    known = {*state["attributes"], *facts.images.attributes}
    for derived, sources in groups.items():
        if derived in state["attributes"]:
            raise InputError(
                f"{derived!r} is an attribute already.", "Give the group another name."
            )
        if len(sources) != 1:
            raise InputError(
                f"{derived!r} is derived from {len(sources)} attributes; expected one.",
                f"Write {example}.",
            )
        if next(iter(sources)) not in known:
            _unknown_attribute("group_of", next(iter(sources)), state)
    return groups


def _nested(value: Any, what: str, example: str) -> dict[str, dict[str, str]]:
    shape = isinstance(value, Mapping) and all(isinstance(v, Mapping) for v in value.values())
    if not shape:
        raise InputError(
            f"{what} is {value!r}; expected a mapping of mappings.", f"Write {example}."
        )
    return {str(n): {str(k): str(v) for k, v in m.items()} for n, m in value.items()}


def _unknown_attribute(what: str, name: str, state: State) -> None:
    near = nearest_names(name, state["attributes"]) or list(state["attributes"])
    raise InputError(
        f"{what} names {name!r}, which is no attribute.", f"Did you mean {' or '.join(near)}?"
    )


def _target_class(value: Any, _: State, facts: Facts) -> str | None:
    if value is None:
        return None
    return _one_of("target_class", value, facts.classes)


def _slice_by(value: Any, state: State, facts: Facts) -> list[str]:
    if not isinstance(value, Iterable):
        raise InputError(
            f"slice_by is {value!r}; expected columns.", f"Choose among {facts.columns(state)}."
        )
    names = [value] if isinstance(value, str) else list(value)
    if not names:
        raise InputError("slice_by is empty.", 'Give at least one column, such as ["class"].')
    if len(set(names)) < len(names):
        raise InputError(f"slice_by is {names}: a column is given twice.", "Remove the repeat.")
    return [_one_of("slice_by", name, facts.columns(state)) for name in names]


def _gap(value: Any, _: State, __: Facts) -> str:
    return _one_of("gap", value, ("open", "closed"))


def _colour_by(value: Any, state: State, facts: Facts) -> str:
    return _one_of("colour_by", value, [*COLOURS, *facts.columns(state)])


def _focus(value: Any, _: State, facts: Facts) -> int | None:
    if value is None:
        return None
    whole = isinstance(value, int) or (hasattr(value, "item") and isinstance(value.item(), int))
    if isinstance(value, bool) or not whole or not 0 <= int(value) < len(facts.images):
        raise InputError(
            f"focus is {value!r}; expected the row of an image, 0 to {len(facts.images) - 1:,}.",
            'Choose one of audit.predictions()["row"].',
        )
    return int(value)


def _hover(value: Any, _: State, __: Facts) -> dict[str, Any] | None:
    if value is not None and not isinstance(value, Mapping):
        raise InputError(f"hover is {value!r}; expected a mapping or None.")
    return dict(value) if value else None


def _saliency_target(value: Any, _: State, facts: Facts) -> str | None:
    return None if value is None else _one_of("saliency_target", value, facts.classes)


def _one_of(what: str, value: Any, options: Sequence[str]) -> str:
    if value not in options:
        near = nearest_names(str(value), options)
        guess = f"Did you mean {near[0]!r}?" if near else ""
        raise InputError(f"{what} is {value!r}; expected one of {', '.join(options)}.", guess)
    return str(value)


_CHECKS: dict[str, Callable[[Any, State, Facts], Any]] = {
    "attributes": _attributes,
    "templates": _templates,
    "ensemble": _flag,
    "label_of": _label_of,
    "group_of": _group_of,
    "target_class": _target_class,
    "slice_by": _slice_by,
    "gap": _gap,
    "colour_by": _colour_by,
    "focus": _focus,
    "hover": _hover,
    "saliency_target": _saliency_target,
}


def _prune(state: State, given: set[str], facts: Facts) -> None:
    """Drop what names an attribute that is gone, where the user did not just write it."""
    if "group_of" not in given:
        known = {*state["attributes"], *facts.images.attributes}
        state["group_of"] = {
            derived: sources
            for derived, sources in state["group_of"].items()
            if set(sources) <= known and derived not in state["attributes"]
        }
    if "label_of" not in given and not facts.pasted:
        state["label_of"] = {n: m for n, m in state["label_of"].items() if n in state["attributes"]}
    columns = facts.columns(state)
    if "slice_by" not in given:
        state["slice_by"] = [name for name in state["slice_by"] if name in columns] or ["class"]
    if "colour_by" not in given and state["colour_by"] not in (*COLOURS, *columns):
        state["colour_by"] = "class"


def _check_together(state: State, facts: Facts) -> None:
    attributes = state["attributes"]
    templates = parse_all(state["templates"], attributes)
    count = count_texts(templates, attributes, wrapped=state["ensemble"])
    if count > MAX_TEXTS:
        switch = f" Without the {len(ensemble.TEMPLATES)} templates there are fewer."
        raise InputError(
            f"These attributes and templates make {count:,} texts; at most {MAX_TEXTS:,} are "
            "allowed.",
            "Remove values, or an attribute from the templates."
            + (switch if state["ensemble"] else ""),
        )
    if facts.classes and not facts.images.multi_label:
        _check_labels(state, facts)
        _check_one_class(templates, state)


def _check_labels(state: State, facts: Facts) -> None:
    """Every text must have a class: an attribute tells it, for each of its values."""
    if not state["label_of"]:
        name = next(iter(state["attributes"]))
        raise InputError(
            "No attribute tells the class of a text.",
            f'Say it: label_of={{"{name}": {{"{state["attributes"][name][0]}": '
            f'"{facts.classes[0]}"}}}}, or add an attribute with the values '
            f"{', '.join(facts.classes)}.",
        )
    for name, mapping in state["label_of"].items():
        lost = [value for value in state["attributes"][name] if value not in mapping]
        if lost:
            raise InputError(
                f"label_of has no class for {_quoted(lost)} of {name!r}.",
                f'Add it: label_of={{"{name}": {{…, "{lost[0]}": "{facts.classes[0]}"}}}} '
                f"(classes: {', '.join(facts.classes)}).",
            )


def _check_one_class(templates: Sequence[Template], state: State) -> None:
    """Refuse two attributes of one text that say different classes."""
    says = {
        name: {mapping[value]: value for value in state["attributes"][name] if value in mapping}
        for name, mapping in state["label_of"].items()
    }
    for template in templates:
        telling = [name for name in template.names if name in says]
        for one, other in itertools.combinations(telling, 2):
            clash = [(a, b) for a in says[one] for b in says[other] if a != b]
            if clash:
                a, b = clash[0]
                raise InputError(
                    f"A text would have two classes: {one}={says[one][a]!r} says {a!r}, "
                    f"{other}={says[other][b]!r} says {b!r}.",
                    f"Let label_of name {one} or {other}, not both.",
                )


def _quoted(values: Sequence[str], most: int = 4) -> str:
    shown = ", ".join(repr(value) for value in values[:most])
    return shown if len(values) <= most else f"{shown} and {len(values) - most} more"
