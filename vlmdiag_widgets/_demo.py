"""The demo: a user's own copies of the packaged notebooks, opened in JupyterLab."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from vlmdiag_widgets._errors import InputError

FIRST = "quickstart.ipynb"
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
    """Run JupyterLab on the first notebook until it is stopped; returns its exit status."""
    command = lab_command(folder, port=port, browser=browser)
    # The kernel must be the one of this environment, whatever kernels the user has installed.
    env = dict(os.environ, JUPYTER_PREFER_ENV_PATH="1")
    return subprocess.run(command, env=env, check=False).returncode  # noqa: S603 - our own words


def lab_command(folder: Path, *, port: int | None = None, browser: bool = True) -> list[str]:
    """Return the command that starts JupyterLab on the first notebook of `folder`."""
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={folder.resolve()}",
        f"--LabApp.default_url=/lab/tree/{FIRST}",
        # No request leaves the machine: no news, no update check, no list of extensions.
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=",
        "--LabApp.extension_manager=readonly",
    ]
    if port is not None:
        command.append(f"--ServerApp.port={port}")
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container everybody is root
    return command
