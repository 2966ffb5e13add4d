"""Which attribute values the images carry, how often, and of which class: counted once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from vlmdiag_widgets.audit.infer import find_labels

if TYPE_CHECKING:
    import pandas as pd

    from vlmdiag_widgets.audit.images import ImageTable


class ImageValues:
    """What the images say about attributes; none of it changes while an audit lives.

    Parameters
    ----------
    images : ImageTable
        The evaluation images are counted; all of them tell the class of a value.
    """

    def __init__(self, images: ImageTable) -> None:
        self._images = images
        self._counts: dict[str, dict[str, int]] = {}
        self._classes: dict[str, dict[str, str | None]] = {}

    @property
    def columns(self) -> list[str]:
        """Names of the attribute columns."""
        return [str(name) for name in self._images.attributes.columns]

    @cached_property
    def _evaluated(self) -> pd.DataFrame:
        return self._images.attributes.iloc[self._images.evaluation_rows()]

    def counts(self, name: str) -> dict[str, int] | None:
        """Return value → images, None when the images have no such column."""
        if name not in self._images.attributes:
            return None
        if name not in self._counts:
            counted = self._evaluated[name].value_counts()
            self._counts[name] = {str(value): int(n) for value, n in counted.items()}
        return self._counts[name]

    def classes(self, name: str) -> dict[str, str | None]:
        """Return the values that images carry, with their class where all images agree."""
        if name not in self._classes:
            found = find_labels(self._images, [name]).get(name, {})
            values = sorted(self.counts(name) or {})
            self._classes[name] = {value: found.get(value) for value in values}
        return self._classes[name]
