"""Compose the table of texts: every value combination, and the partial texts beside it."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.audit import ensemble
from vlmdiag_widgets.audit.frames import text_column
from vlmdiag_widgets.audit.templates import Template, parse_all

#: More texts than this are refused: they would not be a diagnosis any more.
MAX_TEXTS = 200_000

Values = Mapping[str, Sequence[str]]
Combination = tuple[str | None, ...]


class TextIds:
    """Ids of texts that stay the same while the user edits, so that a selection survives."""

    def __init__(self) -> None:
        self._ids: dict[tuple[Any, ...], int] = {}
        self._lock = threading.Lock()

    def of(self, keys: Iterable[tuple[Any, ...]]) -> list[int]:
        """Return one id for each key; new keys get the next free numbers."""
        with self._lock:
            return [self._ids.setdefault(key, len(self._ids)) for key in keys]


def count_texts(templates: Sequence[Template], attributes: Values, *, wrapped: bool) -> int:
    """Return how many texts there would be, full and partial, without composing them."""
    total = 0
    for template in templates:
        sizes = [len(attributes[name]) + (name not in template.required) for name in template.names]
        total += math.prod(sizes)
    return total * (len(ensemble.TEMPLATES) if wrapped else 1)


def compose_texts(
    attributes: Values,
    templates: Sequence[str],
    label_of: Mapping[str, Mapping[str, str]],
    group_of: Mapping[str, Mapping[str, Mapping[str, str]]],
    *,
    wrapped: bool = False,
    ids: TextIds | None = None,
) -> pd.DataFrame:
    """Return one row a text.

    Each template is filled with every combination of the attributes that it names, each also
    absent where the template lets it; a text is full when it carries all that its template
    names. With `wrapped`, the noun phrase of each text is put into the 80 templates of CLIP
    instead (see `ensemble`).

    Returns
    -------
    DataFrame
        text_id (int), text, class (None where no attribute of the text tells it), template,
        full (bool), one column an attribute and one a derived attribute, None where absent.

    Raises
    ------
    InputError
        For templates that do not parse, or more than `MAX_TEXTS` texts.
    """
    parsed = parse_all(templates, attributes)
    _refuse_too_many(count_texts(parsed, attributes, wrapped=wrapped), parsed, attributes)
    names = list(attributes)
    rows = list(_rows(parsed, attributes, names))
    if wrapped:
        rows = list(_wrapped(rows))
    ids = ids or TextIds()
    texts, sources, full, combinations = (list(column) for column in zip(*rows, strict=True))
    columns = dict(zip(names, zip(*combinations, strict=True), strict=True))
    table = {
        "text_id": np.array(ids.of(zip(texts, sources, combinations, strict=True)), dtype=np.int64),
        "text": text_column(texts),
        "class": text_column(classes_of(columns, label_of, len(texts))),
        "template": text_column(sources),
        "full": np.array(full, dtype=bool),
        **{name: text_column(values) for name, values in columns.items()},
        **derived_columns(columns, group_of),
    }
    return pd.DataFrame(table)


def _rows(
    templates: Sequence[Template], attributes: Values, names: Sequence[str]
) -> Iterator[tuple[str, str, bool, Combination]]:
    for template in templates:
        options = [
            [*attributes[name], *([] if name in template.required else [None])]
            for name in template.names
        ]
        for values in itertools.product(*options):
            given = dict(zip(template.names, values, strict=True))
            text = template.compose(given)
            if text is not None:
                combination = tuple(given.get(name) for name in names)
                yield text, template.source, None not in values, combination


def _wrapped(
    rows: Iterable[tuple[str, str, bool, Combination]],
) -> Iterator[tuple[str, str, bool, Combination]]:
    seen = set()
    for text, _, full, combination in rows:
        phrase = ensemble.noun_phrase(text)
        if (phrase, combination) in seen:
            continue
        seen.add((phrase, combination))
        for template in ensemble.TEMPLATES:
            yield ensemble.wrap(phrase, template), template, full, combination


def _refuse_too_many(count: int, templates: Sequence[Template], attributes: Values) -> None:
    if count <= MAX_TEXTS:
        return
    used = {name for template in templates for name in template.names}
    sizes = " × ".join(
        f"{len(values)} {name}" for name, values in attributes.items() if name in used
    )
    raise InputError(
        f"These attributes and templates make {count:,} texts ({sizes}, each also absent); at "
        f"most {MAX_TEXTS:,} are allowed.",
        "Remove values or an attribute from the templates, or switch the 80 templates off.",
    )


def classes_of(
    columns: Mapping[str, Sequence[str | None]], label_of: Mapping[str, Mapping[str, str]], n: int
) -> list[str | None]:
    """Return the class of each text: what its attributes say, None where none says it."""
    classes: list[str | None] = [None] * n
    for name, mapping in label_of.items():
        for i, value in enumerate(columns.get(name, ())):
            says = mapping.get(value) if value is not None else None
            if says is None:
                continue
            if classes[i] not in (None, says):
                raise InputError(
                    f"One text has two classes: {name}={value!r} says {says!r}, another "
                    f"attribute {classes[i]!r}.",
                    "Let label_of name one attribute only, or make its entries agree.",
                )
            classes[i] = says
    return classes


def derived_columns(
    columns: Mapping[str, Sequence[str | None]],
    group_of: Mapping[str, Mapping[str, Mapping[str, str]]],
) -> dict[str, pd.Series[Any]]:
    """Return the derived columns: habitat from place."""
    derived = {}
    for name, sources in group_of.items():
        for source, mapping in sources.items():
            if source in columns:
                cells = [None if v is None else mapping.get(v) for v in columns[source]]
                derived[name] = text_column(cells)
    return derived


def pasted_texts(texts: Any, classes: Sequence[str]) -> pd.DataFrame:
    """Return the table for texts that the user wrote: a frame with text and, if known, class.

    Further columns are attributes; an absent one is empty. Without a column "full", the texts
    that fill all attributes are.
    """
    frame = texts if isinstance(texts, pd.DataFrame) else pd.DataFrame({"text": list(texts)})
    if "text" not in frame.columns or frame.empty:
        raise InputError(
            f"The texts have the columns {list(frame.columns)} and {len(frame)} rows; expected "
            "a column 'text' and at least one row.",
            "Give a list of strings, or a data frame with text, class and attribute columns.",
        )
    table = {
        column: text_column([None if _absent(v) else str(v) for v in frame[column]])
        for column in frame.columns
        if column not in ("text_id", "full")
    }
    names = [column for column in table if column not in ("text", "class", "template")]
    table.setdefault("class", text_column([None] * len(frame)))
    table.setdefault("template", text_column(["pasted"] * len(frame)))
    _check_pasted(table, classes)
    filled = np.array(
        [all(table[name][i] is not None for name in names) for i in range(len(frame))]
    )
    full = frame["full"].to_numpy(dtype=bool) if "full" in frame.columns else filled
    head = {"text_id": np.arange(len(frame)), "text": table["text"], "class": table["class"]}
    rest = {name: table[name] for name in names}
    return pd.DataFrame({**head, "template": table["template"], "full": full, **rest})


def _absent(value: Any) -> bool:
    return value is None or value is pd.NA or value == "" or value != value  # noqa: PLR0124


def _check_pasted(table: Mapping[str, Any], classes: Sequence[str]) -> None:
    empty = [i for i, text in enumerate(table["text"]) if text is None or not text.strip()]
    if empty:
        raise InputError(f"Text number {empty[0] + 1} is empty.", "Remove it.")
    unknown = sorted({c for c in table["class"] if c is not None} - set(classes))
    if unknown and classes:
        raise InputError(
            f"The texts have the class {unknown[0]!r}, but the classes are {list(classes)}.",
            "Rename it, or leave it empty.",
        )
