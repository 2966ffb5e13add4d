"""`EmbeddingStore`: nothing is embedded twice, in this kernel or the next."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vlmdiag_widgets._errors import CacheError
from vlmdiag_widgets._progress import ProgressFn, no_progress
from vlmdiag_widgets.datasets.source import BrokenImageError, content_key
from vlmdiag_widgets.embeddings.pending import Pending
from vlmdiag_widgets.embeddings.place import ENVIRONMENT, default_path, why_unusable
from vlmdiag_widgets.embeddings.shelf import Shelf

if TYPE_CHECKING:
    from vlmdiag_widgets.datasets import ImageDataset
    from vlmdiag_widgets.encoders import Encoder

Rows = NDArray[np.float32]
_Batches = Callable[[list[int]], Iterator[tuple[NDArray[np.intp], Rows]]]

#: Layout version; a new layout gets a new folder and leaves the old one alone.
_LAYOUT = "v1"

# Rows a thread takes at once: few enough to cancel soon, enough to cost no overhead.
_KEYS_AT_ONCE = 64

# Parts that wait for a thread: Python reads all that wait before it lets itself be ended.
_PARTS_AHEAD = 16


class EmbeddingStore:
    """Vectors of images and texts by content, shared by all kernels of a user.

    A vector is found again when the image's bytes (or the text), the encoder's weights
    and its preprocessing are the same, whatever file or data set it came from.

    Parameters
    ----------
    path : path, optional
        Folder of the store; default: ``VLMDIAG_CACHE``, else the user's cache folder.
    readonly : bool
        Use what is there and keep new vectors in memory only.

    Attributes
    ----------
    path : Path or None
        The folder in use; None when everything stays in memory.
    warning : str or None
        Why new vectors stay in memory, when they do.

    Raises
    ------
    CacheError
        `path` was given and cannot be written (or, read-only, does not exist).
    """

    def __init__(
        self, path: str | os.PathLike[str] | None = None, *, readonly: bool = False
    ) -> None:
        self.readonly = readonly
        self.warning: str | None = None
        self.path: Path | None = default_path() if path is None else Path(path).expanduser()
        self._lock = threading.RLock()
        self._shelves: dict[str, Shelf] = {}
        reason = why_unusable(self.path, readonly=readonly)
        if reason and path is not None:
            raise CacheError(
                f"The embedding store {self.path} cannot be used ({reason}).",
                f"Give a folder you may write to, or set {ENVIRONMENT}.",
            )
        if reason:
            self.warning = f"{self.path} cannot be used ({reason}): embeddings stay in memory."
            self.path = None

    def images(
        self,
        encoder: Encoder,
        dataset: ImageDataset,
        rows: Any = None,
        progress: ProgressFn = no_progress,
    ) -> Rows:
        """Return vectors of images, embedding those never seen.

        Parameters
        ----------
        encoder : Encoder
        dataset : ImageDataset
        rows : array of int, optional
            Default: all images.
        progress : callable
            Called with (done, total); when it raises `Cancelled`, what is already
            embedded is kept.

        Returns
        -------
        ndarray of float32, shape (n, dim)
            Un-normalised; NaN for a broken image, which is listed in `dataset.broken`.
        """
        wanted = np.arange(len(dataset)) if rows is None else np.asarray(rows, dtype=np.intp)
        keys = _image_keys(dataset, wanted, encoder.image_size, progress)

        def embed(positions: list[int]) -> Iterator[tuple[NDArray[np.intp], Rows]]:
            part = _Part(dataset, wanted[positions])
            for at, vectors in encoder.image_batches(part, on_broken=part.mark_broken):
                part.mark_infinite(at, vectors)
                yield at, vectors

        return self._collect(self._shelf(encoder, "image"), keys, encoder.dim, embed, progress)

    def texts(
        self, encoder: Encoder, texts: Sequence[str], progress: ProgressFn = no_progress
    ) -> Rows:
        """Return vectors of texts, embedding those never seen.

        Returns
        -------
        ndarray of float32, shape (m, dim)
            Un-normalised.
        """

        def embed(positions: list[int]) -> Iterator[tuple[NDArray[np.intp], Rows]]:
            return encoder.text_batches([texts[i] for i in positions])

        keys: list[bytes | None] = [_text_key(text) for text in texts]
        return self._collect(self._shelf(encoder, "text"), keys, encoder.dim, embed, progress)

    def missing_texts(self, encoder: Encoder, texts: Sequence[str]) -> int:
        """Return how many different texts would have to be embedded."""
        keys = list({_text_key(text) for text in texts})
        return len(self._shelf(encoder, "text").missing(keys))

    def damaged(self) -> dict[str, str]:
        """Return shard files that are ignored because they are damaged, with the reason."""
        with self._lock:
            return {
                str(shelf.folder / name): reason
                for shelf in self._shelves.values()
                if shelf.folder is not None
                for name, reason in shelf.damaged.items()
            }

    def _collect(
        self,
        shelf: Shelf,
        keys: Sequence[bytes | None],
        dim: int,
        embed: _Batches,
        progress: ProgressFn,
    ) -> Rows:
        """Gather one row a key, embedding each missing key once; None gives NaN."""
        out = np.full((len(keys), dim), np.nan, dtype=np.float32)
        known = [i for i, key in enumerate(keys) if key is not None]
        # Position of the first image or text with the same content.
        first: dict[bytes | None, int] = {}
        same = [first.setdefault(keys[i], i) for i in known]
        once = list(first.values())
        rows = np.full((len(once), dim), np.nan, dtype=np.float32)
        missing = shelf.read([key for key in first if key is not None], rows)
        out[once] = rows
        if missing:
            self._embed(
                shelf, keys, out, [once[i] for i in missing], embed=embed, progress=progress
            )
        out[known] = out[same]
        progress(len(keys), len(keys))
        return out

    def _embed(
        self,
        shelf: Shelf,
        keys: Sequence[bytes | None],
        out: Rows,
        missing: list[int],
        *,
        embed: _Batches,
        progress: ProgressFn,
    ) -> None:
        """Fill the missing rows of `out`, committing as it goes."""
        positions = np.array(missing, dtype=np.intp)
        out[positions] = np.nan
        done = len(keys) - len(missing)
        pending = Pending()
        try:
            progress(done, len(keys))
            for at, vectors in embed(missing):
                out[positions[at]] = vectors
                pending.add([keys[i] or b"" for i in positions[at]], vectors)
                if pending.is_due():
                    self._commit(shelf, pending)
                done += len(at)
                progress(done, len(keys))
        finally:
            self._commit(shelf, pending)

    def _commit(self, shelf: Shelf, pending: Pending) -> None:
        error = shelf.add(*pending.take())
        if error is not None:
            self.warning = (
                f"New embeddings stay in memory: {self.path} cannot be written "
                f"({error.strerror or error})."
            )

    def _shelf(self, encoder: Encoder, kind: str) -> Shelf:
        name = f"{encoder.key}-{kind}"  # seconds for a large model: others must not wait for it
        with self._lock:
            if name not in self._shelves:
                folder = None if self.path is None else self.path / _LAYOUT / name
                self._shelves[name] = Shelf(folder, readonly=self.readonly)
            return self._shelves[name]

    def __repr__(self) -> str:
        return f"EmbeddingStore({'memory' if self.path is None else str(self.path)!r})"


class _Part(Sequence[Any]):
    """Some images of a data set, opened lazily by position."""

    def __init__(self, dataset: ImageDataset, rows: NDArray[np.intp]) -> None:
        self._dataset = dataset
        self._rows = rows.tolist()

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, position: Any) -> Any:
        return self.open(position)

    def open(self, position: int, size: int | None = None) -> Any:
        return self._dataset.open(self._rows[position], size)

    def mark_broken(self, position: int, error: Exception) -> None:
        reason = getattr(error, "message", str(error))
        self._dataset.mark_broken(self._rows[position], reason)

    def mark_infinite(self, at: NDArray[np.intp], vectors: Rows) -> None:
        """List images whose vector overflowed, so that no diagnosis takes them in."""
        broken = set(self._dataset.broken["row"])
        for position in at[~np.isfinite(vectors).all(axis=1)].tolist():
            if self._rows[position] not in broken:
                reason = "The encoder gave numbers that are not finite."
                self._dataset.mark_broken(self._rows[position], reason)


def _text_key(text: str) -> bytes:
    return content_key(b"text", text.encode("utf-8", "surrogatepass"))


def _image_keys(
    dataset: ImageDataset, rows: NDArray[np.intp], size: int, progress: ProgressFn
) -> list[bytes | None]:
    """Return content keys in order, None for broken images; files are read in threads."""

    def key(row: int) -> bytes | None:
        try:
            return dataset.key(row, size)
        except BrokenImageError:
            return None

    keys: list[bytes | None] = []
    parts = [rows[i : i + _KEYS_AT_ONCE].tolist() for i in range(0, len(rows), _KEYS_AT_ONCE)]
    with ThreadPoolExecutor(4, thread_name_prefix="vlmdiag-key") as pool:
        for start in range(0, len(parts), _PARTS_AHEAD):
            ahead = parts[start : start + _PARTS_AHEAD]
            for part in pool.map(lambda part: [key(row) for row in part], ahead):
                keys.extend(part)
                progress(0, len(rows))
    return keys
