"""A wheel and a source distribution of this checkout, built once."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def uv(*arguments, **env):
    """Run uv; fail with what it said."""
    program = os.environ.get("UV") or shutil.which("uv")
    assert program, "uv builds the distributions: pip install uv"
    options = {"cwd": ROOT, "env": {**os.environ, **env}, "capture_output": True, "text": True}
    done = subprocess.run([program, *map(str, arguments)], check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--wheel", "--out-dir", folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def sdist(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sdist")
    uv("build", "--sdist", "--out-dir", folder)
    return next(folder.glob("*.tar.gz"))
