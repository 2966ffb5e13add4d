"""What the points of a scatter are coloured by: one number per point, and what it means."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from vlmdiag_widgets.audit.images import is_reserved
from vlmdiag_widgets.widgets.messages import Json

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

#: Categories beyond these share one colour; keep below the palette's length.
MOST_CATEGORIES = 7
OTHER = "other"


@dataclass(frozen=True)
class Colouring:
    """One value per point.

    Attributes
    ----------
    by : str
    kind : {"modality", "categorical", "numeric"}
    images, texts : float32
        Index into `labels`, or the number itself; NaN where unknown.
    labels : list of str
        Of the categories; empty for numbers.
    low, high : float
        Range of the numbers.
    """

    by: str
    kind: str
    images: NDArray[np.float32]
    texts: NDArray[np.float32]
    labels: list[str] = field(default_factory=list)
    low: float = 0.0
    high: float = 1.0

    def described(self) -> Json:
        """Return everything but the values."""
        return {
            "by": self.by,
            "kind": self.kind,
            "labels": self.labels,
            "low": self.low,
            "high": self.high,
        }


def options(results: dict[str, Any]) -> list[str]:
    """Return what can be coloured by, given the tables that are there."""
    images = results.get("image_predictions")
    if images is None:
        return ["modality"]
    known = [name for name in ("class", "predicted", "correct") if name in images]
    numeric = ["probability"] if "p_true" in images or "confidence" in images else []
    attributes = [str(name) for name in images if not is_reserved(str(name))]
    return ["modality", *known, *numeric, *attributes]


def colouring(by: str, projection: Any, results: dict[str, Any]) -> Colouring:
    """Look up the value of every point; by modality where the tables do not have it."""
    images = _aligned(results.get("image_predictions"), "row", projection.image_rows)
    text_table = results.get("text_predictions")
    if text_table is None:
        text_table = results.get("texts")
    texts = _aligned(text_table, "text_id", projection.text_ids)
    if by == "probability":
        found = _number(images), _number(texts)
        return Colouring(by, "numeric", *found) if images is not None else _modality(projection)
    pair = images, texts
    image_words, text_words = (_correct(f) if by == "correct" else _column(f, by) for f in pair)
    if image_words is None and text_words is None:
        return _modality(projection)
    sizes = len(projection.image_rows), len(projection.text_ids)
    return _categories(by, image_words, text_words, sizes)


def _modality(projection: Any) -> Colouring:
    images = np.zeros(len(projection.image_rows), np.float32)
    texts = np.ones(len(projection.text_ids), np.float32)
    return Colouring("modality", "modality", images, texts, ["images", "texts"])


def _aligned(frame: pd.DataFrame | None, key: str, ids: Any) -> pd.DataFrame | None:
    """Put a table's rows in the order of the points; points it lacks get missing values."""
    if frame is None or key not in frame:
        return None
    if np.array_equal(frame[key].to_numpy(), ids):
        return frame
    return frame.set_index(key).reindex(ids).reset_index()


def _column(frame: pd.DataFrame | None, name: str) -> Any:
    if frame is None or name not in frame:
        return None
    return frame[name].astype("object").where(frame[name].notna(), None).to_numpy()


def _correct(frame: pd.DataFrame | None) -> Any:
    if frame is None:
        return None
    if "correct" in frame:
        right = frame["correct"]
    elif "class" in frame and (shares := [str(c) for c in frame if str(c).startswith("p:")]):
        likeliest = np.array([name[2:] for name in shares])[frame[shares].to_numpy().argmax(axis=1)]
        right = (frame["class"] == likeliest).astype("object").where(frame["class"].notna(), None)
    else:
        return None
    words = right.map({True: "right", False: "wrong"}).astype("object")
    return words.where(right.notna(), None).to_numpy()


def _number(frame: pd.DataFrame | None) -> NDArray[np.float32]:
    if frame is None:
        return np.zeros(0, np.float32)
    name = "p_true" if "p_true" in frame else "confidence"
    if name not in frame:
        return np.full(len(frame), np.nan, np.float32)
    return frame[name].to_numpy(np.float32, na_value=np.nan)


def _categories(by: str, image_words: Any, text_words: Any, sizes: tuple[int, int]) -> Colouring:
    sides = [
        np.full(size, None, object) if words is None else words
        for words, size in zip((image_words, text_words), sizes, strict=True)
    ]
    labels = _labels(by, [word for side in sides for word in side if word is not None])
    index = {label: i for i, label in enumerate(labels)}
    images, texts = (_codes(side, index) for side in sides)
    return Colouring(by, "categorical", images, texts, labels)


def _labels(by: str, words: list[Any]) -> list[str]:
    """Order the categories by name; when there are many, keep the most common ones."""
    if by == "correct":
        return ["right", "wrong"]
    names, counts = np.unique(np.array(words, dtype=str), return_counts=True)
    if len(names) <= MOST_CATEGORIES + 1:
        return [str(name) for name in names]
    common = np.argsort(-counts, kind="stable")[:MOST_CATEGORIES]
    return [*sorted(str(names[i]) for i in common), OTHER]


def _codes(words: Any, index: dict[str, int]) -> NDArray[np.float32]:
    rest = index.get(OTHER, np.nan)
    names, places = np.unique(np.array(words, dtype=str), return_inverse=True)
    codes = np.array([index.get(str(name), rest) for name in names], np.float32)[places]
    codes[[word is None for word in words]] = np.nan
    return codes
