"""Text vectors by text: no text is embedded twice while an audit lives."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets._progress import ProgressFn, no_progress

Vectors = npt.NDArray[np.float32]

#: Texts embedded between two looks at whether the user cancelled.
CHUNK = 256


def unit(x: npt.NDArray[Any]) -> Vectors:
    """Return rows scaled to length one; rows of zeros or NaN stay as they are."""
    # Squares of large float32 numbers need float64.
    norms = np.sqrt(np.einsum("ij,ij->i", x, x, dtype=np.float64))[:, None]
    return np.asarray(x / np.where(norms > 0, norms, 1), dtype=np.float32)


class TextVectors:
    """Vectors of all texts met so far, from an encoder, a store or given ones.

    Parameters
    ----------
    encoder : object with ``encode_texts(texts) -> (m, d)``, or None
    store : EmbeddingStore or None
        Asked first where there is one; it keeps vectors on disk.
    known : mapping
        Text → vector, for texts embedded elsewhere.
    """

    def __init__(
        self,
        encoder: Any = None,
        store: Any = None,
        known: Mapping[str, npt.NDArray[Any]] | None = None,
    ) -> None:
        self._encoder = encoder
        self._store = store
        self._rows: dict[str, npt.NDArray[Any]] = dict(known or {})
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def any_possible(self) -> bool:
        """Whether any text can have a vector: there is an encoder, a store's, or a given one."""
        return self._encoder is not None or bool(self._rows)

    def items(self) -> tuple[list[str], Vectors]:
        """Return all texts and their vectors (m, d)."""
        with self._lock:
            texts = list(self._rows)
            rows = [self._rows[text] for text in texts]
        return texts, np.array(rows, dtype=np.float32).reshape(
            len(rows), len(rows[0]) if rows else 0
        )

    def missing(self, texts: Sequence[str]) -> list[str]:
        """Return the different texts that have no vector yet."""
        return [text for text in dict.fromkeys(texts) if text not in self._rows]

    def get(self, texts: Sequence[str], progress: ProgressFn = no_progress) -> Vectors:
        """Return float32 (m, d), un-normalised; embeds what is missing.

        A cancelled call keeps what it embedded.

        Raises
        ------
        InputError
            When texts are missing and there is no encoder.
        """
        missing = self.missing(texts)
        if missing and self._encoder is None:
            raise InputError(
                f"{len(missing):,} texts have no embedding, such as {missing[0]!r}, and there is "
                "no encoder to make them.",
                "Pass encoder=, or embeddings for these texts too.",
            )
        for start in range(0, len(missing), CHUNK):
            progress(start, len(missing))
            self._embed(missing[start : start + CHUNK])
        if missing:
            progress(len(missing), len(missing))
        return np.array([self._rows[text] for text in texts], dtype=np.float32)

    def _embed(self, texts: list[str]) -> None:
        if self._store is not None:
            rows = self._store.texts(self._encoder, texts)
        else:
            rows = self._encoder.encode_texts(texts)
        rows = np.asarray(rows, dtype=np.float32)
        bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
        if rows.shape[0] != len(texts) or bad.size:
            raise InputError(
                f"The encoder gave an array of shape {rows.shape} for {len(texts)} texts"
                + (f", with NaN for {texts[bad[0]]!r}." if bad.size else "."),
                "Check the encoder: it must return one finite vector for each text.",
            )
        with self._lock:
            self._rows.update(zip(texts, rows, strict=True))
