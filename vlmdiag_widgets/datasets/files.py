"""Images in files, opened when needed and never outside their folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vlmdiag_widgets.datasets.decode import decode_image
from vlmdiag_widgets.datasets.source import BrokenImageError, content_key

if TYPE_CHECKING:
    from PIL import Image

_Stamp = tuple[int, int, int]


def is_inside(path: Path, root: Path) -> bool:
    """Return whether `path`, with links and ``..`` resolved, lies under `root`."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


class FileSource:
    """Image files by path.

    Parameters
    ----------
    paths : sequence of path
        One file a row; relative paths count from `root`.
    root : path, optional
        No file outside this folder is ever opened, whatever links say.
    """

    def __init__(
        self, paths: Sequence[str | os.PathLike[str]], root: str | os.PathLike[str] | None = None
    ) -> None:
        self._root = None if root is None else Path(root)
        base = Path() if self._root is None else self._root
        self._paths = [base / path for path in paths]
        self._keys: dict[int, tuple[_Stamp, bytes]] = {}

    def __len__(self) -> int:
        return len(self._paths)

    def path(self, row: int) -> Path:
        """Return the path of `row`."""
        return self._paths[row]

    def open(self, row: int, size: int | None = None) -> Image.Image:
        """Decode the file of `row`."""
        return decode_image(self._checked(row), size)

    def key(self, row: int, size: int | None = None) -> bytes:  # noqa: ARG002
        """Return the digest of the file's bytes; a file that has not changed is read once."""
        path = self._checked(row)
        try:
            stat = path.stat()
            stamp = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
            known = self._keys.get(row)
            if known is None or known[0] != stamp:
                known = self._keys[row] = (stamp, content_key(b"file", path.read_bytes()))
        except OSError as error:
            raise BrokenImageError(f"The file cannot be read ({error.strerror}).") from error
        return known[1]

    def _checked(self, row: int) -> Path:
        path = self._paths[row]
        if self._root is not None and not is_inside(path, self._root):
            raise BrokenImageError(f"The path leaves the data set's folder {self._root}.")
        return path
