"""Nothing of one machine, and no loading of code from data, may get into the repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = {".py", ".md", ".toml", ".json", ".ts", ".tsx", ".mjs", ".css", ".ipynb", ".yaml", ""}
ELSEWHERE = re.compile(
    r"py[p]i\.(org|python)|python[h]osted|registry\.[n]pmjs|deb\.[d]ebian|/(wor[k]|roo[t]|hom[e])/\w"
)
UNSAFE = re.compile(r"pickle\.loa[d]|allow_pickle=Tru[e]|torch\.load\((?!.*weights_only=True)")
# Lines that look inside users' rich output must escape; raw HTML has no place in the views.
RAW_HTML = re.compile(r"dangerouslySet[I]nnerHTML|\.inner[H]TML\s*=|insertAdjacent[H]TML")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.fail("not a git checkout: cannot list the tracked files")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.suffix in TEXT and path.is_file()]


def hits(pattern: re.Pattern[str], suffixes: set[str] = TEXT) -> list[str]:
    found = []
    for path in tracked():
        if path.suffix in suffixes and path != Path(__file__):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            name = path.relative_to(ROOT)
            found += [
                f"{name}:{n}: {x.strip()[:120]}"
                for n, x in enumerate(lines, 1)
                if pattern.search(x)
            ]
    return found


def test_no_machine_path_or_registry_host():
    assert hits(ELSEWHERE) == []


def test_nothing_unpickles():
    assert hits(UNSAFE, {".py", ".ipynb"}) == []


def test_views_write_no_raw_html():
    assert hits(RAW_HTML, {".ts", ".tsx"}) == []


def test_notebooks_carry_no_outputs():
    assert hits(re.compile(r'"output_type"'), {".ipynb"}) == []
