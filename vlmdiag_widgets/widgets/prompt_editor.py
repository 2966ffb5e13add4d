"""The prompts that turn attributes into texts. Twin: ``prompt_editor.tsx``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.audit.templates import parse_all
from vlmdiag_widgets.audit.texts import compose_texts, count_texts
from vlmdiag_widgets.widgets.base import View
from vlmdiag_widgets.widgets.common import Answer
from vlmdiag_widgets.widgets.encoder_words import encoder_name, unknown_words
from vlmdiag_widgets.widgets.messages import Json, NothingToShow

if TYPE_CHECKING:
    import pandas as pd

SAMPLES = 4

#: More texts than this are counted but not composed while the user types.
MAX_COMPOSED = 20_000

_POSITION = re.compile(r"at position (\d+)\.")
_SIGNS = re.compile(r"\{[^{}]*\}|[\[\]|{}]")


class PromptEditor(View):
    """Edit the prompts, with a live preview of the texts that they make.

    Parameters
    ----------
    audit : Audit
        Its `templates` and `ensemble` are edited.
    """

    needs: ClassVar[tuple[str, ...]] = ("texts",)
    # Only to hear when new texts are embedded: the count of new ones then falls to none.
    uses: ClassVar[tuple[str, ...]] = ("text_embeddings",)
    follows: ClassVar[tuple[str, ...]] = ("templates", "ensemble", "attributes")
    bundle: ClassVar[str] = "prompt_editor"
    title: ClassVar[str] = "Prompts"

    def build(self, results: dict[str, Any]) -> Json:  # noqa: ARG002
        """Return the prompts with what they make."""
        audit = self.audit
        if not audit.templates:
            raise NothingToShow(
                "The texts were given as they are, without prompts.",
                "Make an audit with attributes and templates to compose texts.",
            )
        templates = list(audit.templates)
        return {
            "templates": templates,
            "ensemble": bool(audit.ensemble),
            "attributes": list(audit.attributes),
            "encoder": encoder_name(audit),
            "check": self.preview(templates, ensemble=bool(audit.ensemble)),
        }

    def handle(self, kind: str, payload: Json, buffers: list[Any]) -> Answer:
        """Answer "preview": what some prompts would make."""
        if kind != "preview":
            return super().handle(kind, payload, buffers)
        templates = payload.get("templates")
        if not isinstance(templates, list) or not all(isinstance(t, str) for t in templates):
            raise InputError("templates must be a list of texts.")
        return self.preview(templates, ensemble=bool(payload.get("ensemble"))), []

    def preview(self, templates: Sequence[str], *, ensemble: bool = False) -> Json:
        """Tell what `templates` would make, without changing the audit.

        Returns
        -------
        dict
            errors (index, message, hint, position), texts (how many), fresh (how many of them
            are not embedded yet), samples, unknown (words, a list a template), notes.
        """
        attributes = self.audit.attributes
        unknown = [unknown_words(self.audit, _SIGNS.sub(" ", source)) for source in templates]
        found: Json = {"errors": _errors(templates, attributes), "texts": 0, "fresh": 0}
        found |= {"samples": [], "unknown": unknown, "notes": []}
        if found["errors"]:
            return found
        parsed = parse_all(templates, attributes)
        found["texts"] = count_texts(parsed, attributes, wrapped=ensemble)
        if found["texts"] <= MAX_COMPOSED:
            try:
                texts = compose_texts(attributes, templates, {}, {}, wrapped=ensemble)
            except InputError as error:
                return {**found, "errors": [_error(-1, error)]}
            found |= {
                "texts": len(texts),
                "fresh": self.audit.missing_texts(texts["text"].tolist()),
            }
            found["samples"] = _samples(texts, list(attributes))
        return found

    def table(self) -> pd.DataFrame:
        """Return the texts: one row a text, as `Audit.texts`."""
        frame: pd.DataFrame = self.audit.texts()
        return frame

    def code(self) -> str:
        """Return the Python that sets these prompts."""
        lines = "".join(f"    {source!r},\n" for source in self.audit.templates)
        edit = f"audit.edit(\n  templates=[\n{lines}  ],\n  ensemble={self.audit.ensemble},\n)"
        return f"{edit}\naudit.texts()\n"

    def picture(self) -> bytes:
        """Return the prompts and some of their texts as a PNG."""
        from vlmdiag_widgets.widgets.text_picture import text_picture

        check = self.data.get("check", {})
        samples = [(sample["text"], "") for sample in check.get("samples", [])]
        count = f"{check.get('texts', 0):,} texts"
        return text_picture(
            self.heading,
            [("Prompts", [(t, "") for t in self.audit.templates]), (count, samples)],
        )


def _errors(templates: Sequence[str], attributes: dict[str, list[str]]) -> list[Json]:
    """Check each prompt on its own, then all together."""
    errors = []
    for index, source in enumerate(templates):
        try:
            parse_all([source], attributes)
        except InputError as error:
            told = _error(index, error)
            # Here the prompt stands right above.
            said = told["message"].removeprefix(f"In the template {source!r}: ")
            told["message"] = said[:1].upper() + said[1:]
            errors.append(told)
    if not errors:
        try:
            parse_all(templates, attributes)
        except InputError as error:
            errors.append(_error(_repeated(templates), error))
    return errors


def _error(index: int, error: InputError) -> Json:
    found = _POSITION.search(error.message)
    position = int(found[1]) - 1 if found else None
    return {"index": index, "message": error.message, "hint": error.hint, "position": position}


def _repeated(templates: Sequence[str]) -> int:
    """Return the index of the first prompt that was there before, -1 for none."""
    return next((i for i, source in enumerate(templates) if source in templates[:i]), -1)


def _samples(texts: pd.DataFrame, attributes: list[str]) -> list[Json]:
    """Return a few texts from all over the table, and the last one (the most is left out)."""
    unique = texts.drop_duplicates("text")
    step = max(1, len(unique) // (SAMPLES - 1))
    rows = sorted({*range(0, len(unique), step)[: SAMPLES - 1], len(unique) - 1} - {-1})
    columns = [name for name in attributes if name in unique]
    return [
        {"text": row["text"], "values": [row[name] for name in columns if row[name] is not None]}
        for row in unique.iloc[rows].to_dict("records")
    ]
