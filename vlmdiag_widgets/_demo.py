"""The demo: a user's own copies of the packaged notebooks, opened in JupyterLab."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from vlmdiag_widgets._errors import InputError

FIRST = "quickstart.ipynb"
NEWS = "@jupyterlab/apputils-extension:announcements"
PACKAGE = Path(__file__).parent


def notebooks_folder() -> Path:
    """Return the folder of the notebooks: in the wheel, or beside the package in a checkout."""
    for folder in (PACKAGE / "_notebooks", PACKAGE.parent / "notebooks"):
        if (folder / FIRST).is_file():
            return folder
    raise InputError(
        f"The notebooks are missing from {PACKAGE}.",
        "Install the package again: pip install --force-reinstall vlmdiag_widgets",
    )


def copy_notebooks(folder: Path, *, fresh: bool = False) -> Iterator[str]:
    """Copy the notebooks to `folder`, never over a file that somebody changed.

    Parameters
    ----------
    folder : Path
        Where the copies go; made when absent.
    fresh : bool
        Write clean copies also where a changed one lies; that one is renamed, not lost.

    Yields
    ------
    str
        One line a notebook that says what was done.

    Raises
    ------
    InputError
        When `folder` is a file or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source in sorted(notebooks_folder().glob("*.ipynb")):
            yield copy_one(source, folder / source.name, fresh=fresh)
    except OSError as error:
        raise InputError(
            f"The notebooks cannot be copied to {folder}: {error.strerror}.",
            "Choose another folder with --dir.",
        ) from error


def copy_one(source: Path, target: Path, *, fresh: bool) -> str:
    """Copy one notebook and say what was done."""
    if not target.exists():
        shutil.copyfile(source, target)
        return f"{target}: copied"
    if target.read_bytes() == source.read_bytes():
        return f"{target}: already there"
    if not fresh:
        return f"{target}: kept as you left it (--fresh gives a clean one)"
    aside = free_name(target)
    target.rename(aside)
    shutil.copyfile(source, target)
    return f"{target}: clean copy; yours is now {aside.name}"


def free_name(path: Path) -> Path:
    """Return the first of ``name-1.ipynb``, ``name-2.ipynb``, … that is not taken."""
    number = 1
    while (aside := path.with_stem(f"{path.stem}-{number}")).exists():
        number += 1
    return aside


def start_lab(folder: Path, *, port: int | None = None, browser: bool = True) -> int:
    """Run JupyterLab on the first notebook, in this process, until it is stopped."""
    from jupyterlab.labapp import LabApp

    with tempfile.TemporaryDirectory(prefix="vlmdiag-") as settings:
        os.environ.update(lab_environment(Path(settings)))
        LabApp.launch_instance(lab_options(folder, port=port, browser=browser))
    return 0


def lab_environment(settings: Path) -> dict[str, str]:
    """Return what the server's environment adds: this Python's kernel, no question about news."""
    config = settings / "labconfig" / "page_config.json"
    config.parent.mkdir()
    config.write_text(json.dumps({"disabledExtensions": {NEWS: True}}), encoding="utf-8")
    known = os.environ.get("JUPYTER_CONFIG_PATH")
    path = os.pathsep.join([str(settings), *([known] if known else [])])
    return {"JUPYTER_CONFIG_PATH": path, "JUPYTER_PREFER_ENV_PATH": "1"}


def lab_options(folder: Path, *, port: int | None = None, browser: bool = True) -> list[str]:
    """Return JupyterLab's options for the first notebook of `folder`."""
    options = [
        f"--ServerApp.root_dir={folder.resolve()}",
        f"--LabApp.default_url=/lab/tree/{FIRST}",
        # No request leaves the machine: no update check, no list of extensions.
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    if port is not None:
        options.append(f"--ServerApp.port={port}")
    if not browser:
        options.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")  # in a container everybody is root
    return options
