"""The attributes of the texts as rows of chips. Twin: ``attribute_editor.tsx``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from vlmdiag_widgets.audit.templates import parse
from vlmdiag_widgets.widgets import attribute_edits as edits
from vlmdiag_widgets.widgets.base import View
from vlmdiag_widgets.widgets.common import Answer
from vlmdiag_widgets.widgets.encoder_words import encoder_name, unknown_words
from vlmdiag_widgets.widgets.image_values import ImageValues
from vlmdiag_widgets.widgets.messages import Json

if TYPE_CHECKING:
    import pandas as pd

    from vlmdiag_widgets.audit import Audit


class AttributeEditor(View):
    """Add, remove and rename attributes and their values.

    Parameters
    ----------
    audit : Audit
        Its `attributes` are edited, with what hangs on them: `label_of`, `group_of` and
        `templates` follow a renaming.
    """

    follows: ClassVar[tuple[str, ...]] = ("attributes", "label_of", "group_of", "templates")
    bundle: ClassVar[str] = "attribute_editor"
    title: ClassVar[str] = "Attributes"

    def __init__(self, audit: Audit, **kw: Any) -> None:
        self._images = ImageValues(audit.images)
        super().__init__(audit, **kw)

    def build(self, results: dict[str, Any]) -> Json:  # noqa: ARG002
        """Return the attributes with what is known about each value."""
        audit = self.audit
        mentioned = {name for source in audit.templates for name in parse(source).names}
        return {
            "attributes": [self._attribute(name, mentioned) for name in audit.attributes],
            "classes": list(audit.classes),
            "encoder": encoder_name(audit),
            "columns": [name for name in self._images.columns if name not in audit.attributes],
        }

    def _attribute(self, name: str, mentioned: set[str]) -> Json:
        labels = self.audit.label_of.get(name)
        values = self.audit.attributes[name]
        counts = self._images.counts(name)
        known = self._images.classes(name)
        return {
            "name": name,
            "labelled": labels is not None,
            "in_prompts": name in mentioned,
            "values": [
                {
                    "value": value,
                    "images": None if counts is None else counts.get(value, 0),
                    "class": (labels or {}).get(value),
                    "unknown": unknown_words(self.audit, value),
                }
                for value in values
            ],
            "ungrouped": edits.ungrouped(self.audit, name),
            "known": {value: class_ for value, class_ in known.items() if value not in values},
        }

    def handle(self, kind: str, payload: Json, buffers: list[Any]) -> Answer:
        """Answer the edits: values and attributes added, removed, renamed.

        Each is one edit of the audit, relative to what it is when the message arrives, so that
        quick edits do not overwrite one another.
        """
        make = edits.EDITS.get(kind)
        if make is None:
            return super().handle(kind, payload, buffers)
        changes = make(self.audit, payload, self._images)
        if changes:
            self.audit.edit(**changes)
        return {"note": edits.note_on(self.audit, kind, payload, self._images)}, []

    def table(self) -> pd.DataFrame:
        """Return one row a value: attribute, value, class, images, unknown words."""
        import pandas as pd

        rows = [
            {
                "attribute": attribute["name"],
                **value,
                "unknown": " ".join(value["unknown"]),
            }
            for attribute in self.data.get("attributes", [])
            for value in attribute["values"]
        ]
        return pd.DataFrame(rows, columns=["attribute", "value", "class", "images", "unknown"])

    def code(self) -> str:
        """Return the Python that sets these attributes."""
        attributes = dict(self.audit.attributes)
        return (
            f"audit.edit(\n  attributes={attributes!r},\n  label_of={self.audit.label_of!r},\n)\n"
        )

    def picture(self) -> bytes:
        """Return the attributes with their values as a PNG."""
        from vlmdiag_widgets.widgets.text_picture import text_picture

        sections = []
        for name, rows in self.table().groupby("attribute", sort=False):
            lines = [(str(row.value), _figure(row.images)) for row in rows.itertuples()]
            sections.append((str(name), lines))
        return text_picture(self.heading, sections)


def _figure(images: Any) -> str:
    return "" if images is None or images != images else f"{int(images):,} images"  # noqa: PLR0124
