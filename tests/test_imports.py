"""Imports go one way: encoders, datasets → embeddings → diagnosis → audit → widgets."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "vlmdiag_widgets"
NAME = PACKAGE.name

# room → rooms of the package it may import
ROOMS = {
    "_errors": set(),
    "_progress": {"_errors"},
    "assets": set(),
    "encoders": set(),
    "datasets": set(),
    "embeddings": {"encoders", "datasets"},
    "diagnosis": set(),
    "audit": {"encoders", "datasets", "embeddings", "diagnosis"},
    "widgets": {"encoders", "datasets", "embeddings", "diagnosis", "audit"},
    "training": {"encoders", "datasets", "embeddings", "diagnosis"},
}
SHARED = {"_errors", "_progress", "_version"}

# Shown by a cell, an audit asks for its dashboard: the one look upwards, inside a method.
UPWARD = {("audit", "widgets")}

# third parties that only some rooms may import
KEPT_TO = {
    "ipywidgets": {"widgets"},
    "anywidget": {"widgets"},
    "altair": {"widgets"},
    "vl_convert": {"widgets"},
    "open_clip": {"encoders", "training"},
    "timm": {"encoders"},
}
DIAGNOSIS_MAY = {"numpy", "scipy", "sklearn", "torch", "pandas"}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "_notebooks" not in path.parts)


def room_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imported(path: Path) -> set[tuple[str, bool]]:
    """Every module a file imports, by its absolute name, and whether inside a function."""
    found: set[tuple[str, bool]] = set()

    def visit(node: ast.AST, inside: bool) -> None:
        if isinstance(node, ast.Import):
            found.update((alias.name, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.update((name, inside) for name in absolute(path, node))
        deeper = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.iter_child_nodes(node):
            visit(child, deeper)

    visit(ast.parse(path.read_text(encoding="utf-8")), inside=False)
    return found


def absolute(path: Path, node: ast.ImportFrom) -> list[str]:
    base = node.module or ""
    if node.level:
        package = [NAME, *path.relative_to(PACKAGE).parent.parts]
        parents = package[: len(package) - node.level + 1]
        base = ".".join([*parents, base] if base else parents)
    return [f"{base}.{alias.name}" for alias in node.names] if base == NAME else [base]


RULED = [path for path in modules() if room_of(path) in ROOMS]


def ids(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", RULED, ids=ids)
def test_imports_go_down_the_table(path):
    room = room_of(path)
    allowed = ROOMS[room] | SHARED | {room}
    for name, inside in imported(path):
        if not name.startswith(f"{NAME}."):
            assert name != NAME, f"{room} may not import the package's public face"
            continue
        other = name.split(".")[1]
        upward = inside and (room, other) in UPWARD
        assert upward or other in allowed, f"{room} may not import {other} ({name})"


@pytest.mark.parametrize("path", RULED, ids=ids)
def test_third_parties_stay_in_their_rooms(path):
    room = room_of(path)
    for name, _ in imported(path):
        top = name.split(".")[0]
        assert room in KEPT_TO.get(top, {room}), f"{top} does not belong in {room}"
        if room == "diagnosis" and top != NAME:
            assert top in DIAGNOSIS_MAY | sys.stdlib_module_names, f"diagnosis may not use {top}"


def test_every_room_is_in_the_table():
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert rooms <= set(ROOMS), "a new room needs a line in the table above"


def test_importing_the_package_is_quick():
    slow = ("torch", "pandas", "sklearn", "open_clip", "ipywidgets")
    code = f"import sys, {NAME}; print([name for name in {slow} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
