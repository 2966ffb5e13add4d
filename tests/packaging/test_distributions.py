"""What the wheel and the source distribution carry."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.packaging.conftest import uv

pytestmark = pytest.mark.slow
NOWHERE = "http://127.0.0.1:9"


def names(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize(
    "path",
    [
        "static/vlmdiag.css",
        "static/gap_scatter.js",
        "static/slice_table.js",
        "assets/demo1/open_clip_model.safetensors",
        "assets/demo1/open_clip_config.json",
        "assets/demo1/vocabulary.json",
        "assets/demo1/card.json",
        "assets/demo-vit1/open_clip_model.safetensors",
        "assets/demo-resnet1/model.safetensors",
        "assets/demo-ssl1/model.safetensors",
        "assets/demo-convnext1/vision_config.json",
        "assets/sprites/noto/mallard.webp",
        "assets/sprites/fluent/mallard.webp",
        "assets/sprites/noto/faces.json",
        "_notebooks/quickstart.ipynb",
        "_notebooks/gallery.ipynb",
        "py.typed",
    ],
)
def test_wheel_carries(wheel, path):
    assert f"vlmdiag_widgets/{path}" in names(wheel)


def test_wheel_carries_licence_and_notice(wheel):
    kept = {name.rsplit("/", 1)[-1] for name in names(wheel) if ".dist-info/licenses/" in name}
    assert kept == {"LICENSE", "NOTICE"}


def test_wheel_carries_the_licences_of_the_bundled_packages(wheel):
    path = "vlmdiag_widgets/static/THIRD_PARTY_LICENSES.txt"
    words = zipfile.ZipFile(wheel).read(path).decode()
    for package in ("preact", "@preact/signals", "regl", "regl-scatterplot", "gl-matrix"):
        assert f"\n{package} " in words
    assert "Permission is hereby granted" in words


def test_wheel_carries_nothing_else(wheel):
    tops = {name.split("/")[0].rsplit("-", 1)[0] for name in names(wheel)}
    assert tops == {"vlmdiag_widgets", "vlmdiag_widgets-0.1.0.dist"}
    assert not [name for name in names(wheel) if "node_modules" in name or name.endswith(".ts")]


def test_wheel_is_small(wheel):
    assert wheel.stat().st_size < 20e6


@pytest.mark.parametrize(
    ("folder", "most"),
    [("demo1", 6e6), ("demo-vit1", 6e6), ("demo-resnet1", 3e6), ("demo-ssl1", 3e6),
     ("demo-convnext1", 3e6), ("sprites", 3e6)],
)  # fmt: skip
def test_each_encoder_is_small_in_the_wheel(wheel, folder, most):
    inside = f"vlmdiag_widgets/assets/{folder}/"
    sizes = [
        entry.compress_size
        for entry in zipfile.ZipFile(wheel).infolist()
        if entry.filename.startswith(inside)
    ]
    assert 1e5 < sum(sizes) < most


def test_sdist_builds_the_same_wheel_without_npm(sdist, wheel, tmp_path):
    with tarfile.open(sdist) as archive:
        held = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert {"js/package.json", "vlmdiag_widgets/static/build.json"} <= held
    assert not [name for name in held if name.startswith("js/node_modules")]
    uv("build", "--wheel", "--out-dir", tmp_path, sdist, npm_config_registry=NOWHERE)
    assert names(next(tmp_path.glob("*.whl"))) == names(wheel)
