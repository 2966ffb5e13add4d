"""Where the store lies, and whether it can lie there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import platformdirs

#: Environment variable that moves the default store.
ENVIRONMENT = "VLMDIAG_CACHE"


def default_path() -> Path:
    """Return the folder of the default store."""
    given = os.environ.get(ENVIRONMENT)
    base = Path(given).expanduser() if given else Path(platformdirs.user_cache_dir("vlmdiag"))
    return base / "embeddings"


def why_unusable(path: Path, *, readonly: bool) -> str | None:
    """Return why `path` cannot hold a store, or None when it can.

    A writable store is created, and tried with a small file.
    """
    if readonly:
        return None if path.is_dir() else "there is no such folder"
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path) as file:
            file.write(b"vlmdiag")
    except OSError as error:
        return error.strerror or str(error)
    return None
