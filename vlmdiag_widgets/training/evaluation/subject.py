"""The encoder that is measured, and how many pictures are taken for it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from vlmdiag_widgets.datasets.dataset import ImageDataset
from vlmdiag_widgets.diagnosis import LinearProbe
from vlmdiag_widgets.encoders.vectors import unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from vlmdiag_widgets.encoders.encoder import Encoder

#: Seed of the pictures for zero-shot tables. Training scenes have seeds from 7,000,000 on.
ZERO_SHOT_SEED = 41
#: Seeds of data and probe in the studies. On smaller ones the worlds were made difficult enough
#: (size of the birds, numbers of images) and protocols were chosen: no figure is reported on these.
STUDY_SEEDS = (21, 22, 23, 24, 25)
#: Share of the training images that choose the probe's epoch, as in an audit.
HELD_OUT = 0.1


@dataclass
class Subject:
    """An encoder under measurement.

    Parameters
    ----------
    encoder : Encoder
    scale : float
        Factor on all numbers of pictures; below 1 for a quick look.
    quiet : bool
        Print nothing.
    """

    encoder: Encoder
    scale: float = 1.0
    quiet: bool = False
    seen: int = 0
    began: float = field(default_factory=time.perf_counter)
    _kept: dict[bytes, NDArray[np.float32]] = field(default_factory=dict)

    def count(self, n: int, least: int = 24) -> int:
        """Return how many pictures stand for `n`."""
        return max(round(n * self.scale), least)

    def seeds(self, n: int = len(STUDY_SEEDS)) -> tuple[int, ...]:
        """Return the first `n` seeds of the studies; fewer when the numbers are cut."""
        kept = n if self.scale >= 1 else 2 if self.scale >= 0.05 else 1
        return STUDY_SEEDS[: min(n, kept)]

    def say(self, what: str) -> None:
        """Print one line of progress."""
        if not self.quiet:
            seconds = time.perf_counter() - self.began
            print(f"{seconds:7.1f} s  {self.seen:7,d} pictures  {what}", flush=True)

    def raw(self, data: ImageDataset, rows: ArrayLike | None = None) -> NDArray[np.float32]:
        """Return un-normalised image vectors (rows, d); a picture is encoded once."""
        chosen = np.arange(len(data)) if rows is None else np.asarray(rows)
        keys = [data.key(int(row), self.encoder.image_size) for row in chosen]
        new = {
            key: int(row) for key, row in zip(keys, chosen, strict=True) if key not in self._kept
        }
        if new:
            pictures = cast("Sequence[Any]", data.subset(list(new.values())))
            vectors = self.encoder.encode_images(pictures)
            self._kept.update(zip(new, vectors, strict=True))
            self.seen += len(new)
        return np.stack([self._kept[key] for key in keys])

    def images(self, data: ImageDataset, rows: ArrayLike | None = None) -> NDArray[np.float32]:
        """Return unit image vectors (rows, d)."""
        return unit(self.raw(data, rows))

    def texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit text vectors (texts, d)."""
        return unit(self.encoder.encode_texts(list(texts)))

    def forget(self) -> None:
        """Free the vectors that were kept."""
        self._kept.clear()

    def probe(
        self, data: ImageDataset, seed: int, *, lr: float = 1e-3, epochs: int = 25
    ) -> LinearProbe:
        """Return a probe of the training images (Zhang et al. 2023, DrML, appendix B.5).

        A tenth of the training images, never an evaluation set, chooses the epoch.
        """
        rows = np.random.default_rng(seed).permutation(data.rows("train"))
        held = max(int(len(rows) * HELD_OUT), 1)
        fit, choose = rows[held:], rows[:held]
        labels = np.asarray(data.labels)
        known = np.isin(labels[choose], labels[fit])
        choose = choose[known]
        return LinearProbe(seed=seed, lr=lr, epochs=epochs).fit(
            self.images(data, fit), labels[fit], self.images(data, choose), labels[choose]
        )
