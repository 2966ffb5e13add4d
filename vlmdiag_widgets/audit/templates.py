"""The template language, as in ``a photo of a [{species}|bird][ in the {place}]``.

``{name}`` stands for the value of an attribute. A part in square brackets is optional: of its
alternatives, separated by ``|``, the first whose attributes are all present is used, and
nothing where there is none. ``{{``, ``}}``, ``[[``, ``]]`` and ``||`` stand for the signs
themselves; a single ``|`` outside brackets is a plain sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from vlmdiag_widgets._errors import InputError, nearest_names

_SIGNS = "{}[]|"
_HOW = "Write {name} for an attribute, [ in the {place}] for an optional part, {{ for a brace."


@dataclass(frozen=True)
class Field:
    """A place for the value of an attribute."""

    name: str


Piece = str | Field


@dataclass(frozen=True)
class Bracket:
    """A bracketed, optional part: alternatives, first complete one wins."""

    alternatives: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True)
class Template:
    """A parsed template; make one with `parse`."""

    source: str
    parts: tuple[Piece | Bracket, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Attributes the template names, in order of appearance."""
        return tuple(dict.fromkeys(piece.name for piece in _fields(self.parts)))

    @property
    def required(self) -> tuple[str, ...]:
        """Attributes outside brackets: without them there is no text."""
        return tuple(dict.fromkeys(p.name for p in self.parts if isinstance(p, Field)))

    def compose(self, values: Mapping[str, str | None]) -> str | None:
        """Fill in `values` (absent or None: not present); None when a required one is absent."""
        present = {name: value for name, value in values.items() if value is not None}
        if any(name not in present for name in self.required):
            return None
        text = ""
        for part in self.parts:
            pieces = _chosen(part, present) if isinstance(part, Bracket) else (part,)
            for piece in pieces:
                if isinstance(piece, Field):
                    text = with_article(text, present[piece.name])
                else:
                    text = with_article(text, piece) if isinstance(part, Bracket) else text + piece
        return tidy(text)


def _fields(parts: Iterable[Piece | Bracket]) -> Iterable[Field]:
    for part in parts:
        if isinstance(part, Field):
            yield part
        elif isinstance(part, Bracket):
            for alternative in part.alternatives:
                yield from _fields(alternative)


def _chosen(part: Bracket, present: Mapping[str, str]) -> tuple[Piece, ...]:
    for alternative in part.alternatives:
        if all(piece.name in present for piece in _fields(alternative)):
            return alternative
    return ()


_ARTICLE = re.compile(r"\b([Aa])n? $")
_SOUNDS_LIKE_A = re.compile(r"(uni(?!m|n)|us[aeu]|eu|one\b|once\b|ewe)", re.IGNORECASE)
_SOUNDS_LIKE_AN = re.compile(r"(hour|honest|heir|honou?r)", re.IGNORECASE)


def with_article(before: str, inserted: str) -> str:
    """Append `inserted`, turning an article that ends `before` into the fitting a or an."""
    found = _ARTICLE.search(before)
    if not found or not inserted[:1].strip():
        return before + inserted
    vowel = inserted[0].lower() in "aeiou" and not _SOUNDS_LIKE_A.match(inserted)
    article = found[1] + ("n" if vowel or _SOUNDS_LIKE_AN.match(inserted) else "")
    return f"{before[: found.start()]}{article} {inserted}"


def tidy(text: str) -> str:
    """Collapse the spaces that dropped parts leave, also before a punctuation sign."""
    return re.sub(r" +([.,;:!?])", r"\1", re.sub(r"\s+", " ", text)).strip()


def parse(source: str) -> Template:
    """Parse one template.

    Raises
    ------
    InputError
        For an empty template, a lone or nested sign or an empty name; the message gives the
        position, the hint what to write instead.
    """
    if not source.strip():
        raise InputError("A template is empty.", "Write at least one word or {attribute} in it.")
    return _Parser(source).template()


class _Parser:
    """Reads one template from left to right."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0

    def template(self) -> Template:
        parts: list[Piece | Bracket] = []
        while (sign := self._peek()) is not None:
            if sign == "[" and not self._doubled():
                parts.append(self._optional())
            else:
                parts.append(self._piece("[", plain_bar=True))
        return Template(self._source, tuple(parts))

    def _optional(self) -> Bracket:
        start = self._at
        self._at += 1
        alternatives: list[list[Piece]] = [[]]
        while True:
            sign = self._peek()
            if sign is None:
                self._fail(start, "the bracket [ is never closed", "Add a ] (or [[ for a sign).")
            if sign == "]" and not self._doubled():
                self._at += 1
                break
            if sign == "|" and not self._doubled():
                self._at += 1
                alternatives.append([])
            elif sign == "[" and not self._doubled():
                self._fail(self._at, "a [ inside brackets", "Brackets do not nest: use | instead.")
            else:
                alternatives[-1].append(self._piece("[]|"))
        optional = Bracket(tuple(tuple(pieces) for pieces in alternatives))
        if not list(_fields([optional])):
            hint = "Put a {name} into it, or write [[ and ]] for the signs themselves."
            self._fail(start, "the optional part names no attribute", hint)
        return optional

    def _piece(self, stops: str, *, plain_bar: bool = False) -> Piece:
        sign = self._peek()
        if sign == "{" and not self._doubled():
            return self._field()
        text = ""
        while (sign := self._peek()) is not None:
            if sign in _SIGNS and self._doubled():
                text += sign
                self._at += 2
            elif sign in stops or sign == "{" or (sign == "|" and not plain_bar):
                break
            elif sign in "}]":
                self._fail(self._at, f"a lone {sign}", f"Write {sign * 2} for the sign itself.")
            else:
                text += sign
                self._at += 1
        return text

    def _field(self) -> Field:
        end = self._source.find("}", self._at)
        name = self._source[self._at + 1 : end] if end > 0 else ""
        if end < 0 or any(sign in name for sign in _SIGNS):
            self._fail(self._at, "the brace { is never closed", "Add a } (or {{ for a sign).")
        if not name.strip():
            self._fail(self._at, "empty braces {}", "Put the name of an attribute into them.")
        self._at = end + 1
        return Field(name.strip())

    def _peek(self) -> str | None:
        return self._source[self._at] if self._at < len(self._source) else None

    def _doubled(self) -> bool:
        return self._source[self._at : self._at + 2] == self._source[self._at] * 2

    def _fail(self, position: int, what: str, hint: str) -> NoReturn:
        message = f"In the template {self._source!r}: {what} at position {position + 1}."
        raise InputError(message, f"{hint} {_HOW}")


def parse_all(sources: Iterable[str], attributes: Iterable[str]) -> list[Template]:
    """Parse templates and check their names against the attributes.

    Raises
    ------
    InputError
        For no template at all, a repeated one, one that names no attribute, or an unknown name.
    """
    known = list(attributes)
    templates = [parse(source) for source in sources]
    if not templates:
        raise InputError(
            "There is no template.", 'Give at least one, such as "a photo of a {species}."'
        )
    _refuse_repeats([template.source for template in templates])
    for template in templates:
        _check_names(template, known)
    return templates


def _refuse_repeats(sources: list[str]) -> None:
    repeated = [source for source in dict.fromkeys(sources) if sources.count(source) > 1]
    if repeated:
        raise InputError(f"The template {repeated[0]!r} is given twice.", "Remove one of them.")


def _check_names(template: Template, known: list[str]) -> None:
    if not template.names:
        message = f"The template {template.source!r} names no attribute."
        raise InputError(message, f"Put one of {', '.join(known)} in braces, like {{{known[0]}}}.")
    for name in template.names:
        if name not in known:
            near = nearest_names(name, known) or known
            message = f"The template {template.source!r} names {{{name}}}, which is no attribute."
            raise InputError(message, f"Did you mean {' or '.join(f'{{{n}}}' for n in near)}?")


def template_warnings(templates: Iterable[Template], attributes: Iterable[str]) -> list[str]:
    """Return, in words, what works but may not be meant: attributes unused or never absent."""
    templates = list(templates)
    used = {name for template in templates for name in template.names}
    fixed = {name for template in templates for name in template.required}
    notes = [
        f"No template uses {{{name}}}, so its values make no text."
        for name in attributes
        if name not in used
    ]
    notes += [
        f"{{{name}}} stands outside brackets, so it is in every text and its influence cannot "
        f"be told: write [{{{name}}}|thing]."
        for name in sorted(fixed)
    ]
    return notes


_ADJECTIVES = frozenset(
    [
        "color",
        "colour",
        "size",
        "texture",
        "quality",
        "age",
        "material",
        "style",
        "skin",
        "tone",
        "weather",
    ]
)
_PLACES = frozenset(
    [
        "place",
        "background",
        "location",
        "scene",
        "habitat",
        "context",
        "position",
        "where",
        "environment",
    ]
)


def default_template(attributes: Iterable[str], label: str, noun: str = "thing") -> str:
    """Return a template for attributes about which nothing but the name is known.

    `label` is the attribute that tells the class; words of quality go before it, places after.
    """
    before = after = ""
    for name in attributes:
        if name == label:
            continue
        if name.lower() in _ADJECTIVES:
            before += f"[{{{name}}} ]"
        elif name.lower() in _PLACES:
            after += f"[ in the {{{name}}}]"
        else:
            after += f"[, {{{name}}}]"
    return f"a photo of a {before}[{{{label}}}|{noun}]{after}."
