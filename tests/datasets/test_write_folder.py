from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from vlmdiag_widgets._progress import Cancelled
from vlmdiag_widgets.datasets import ImageDataset, write_folder


def pictures(n=10, **about):
    rng = np.random.default_rng(0)
    return ImageDataset.from_arrays(rng.integers(0, 256, (n, 12, 16, 3), dtype=np.uint8), **about)


@pytest.fixture
def data():
    return pictures(
        labels=["cat", "dog"] * 5,
        classes=["dog", "cat"],
        ids=[f"{i:03d}" for i in range(10)],
        attributes={"place": ["sea", "none", "NA", 'a "b", c', None] * 2, "year": ["007"] * 10},
        captions=[["one", "two"]] * 9 + [["only"]],
        boxes=[[(0.1, 0.2, 0.5, 0.75), (0, 0, 1, 1)]] * 9 + [[]],
        box_names=[["face", "person"]] * 9 + [[]],
        split=["train"] * 6 + ["val"] * 2 + ["test"] * 2,
        provenance={"seed": 3},
    )


def read_as_told(folder, monkeypatch):
    """Run the lines of the folder's own README."""
    monkeypatch.chdir(folder)
    code = re.search(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
    names: dict = {}
    exec(code.group(1), names)
    return names["data"]


def test_what_the_readme_says_reads_all_of_it_again(data, tmp_path, monkeypatch):
    again = read_as_told(write_folder(data, tmp_path / "pets"), monkeypatch)
    for name in ("ids", "labels", "split"):
        assert getattr(again, name).tolist() == getattr(data, name).tolist()
    assert again.classes == data.classes
    pd.testing.assert_frame_equal(again.attributes, data.attributes)
    assert again.captions == data.captions
    assert all(np.allclose(a, b, atol=1e-5) for a, b in zip(again.boxes, data.boxes, strict=True))
    assert again.box_names == data.box_names
    assert all(np.array_equal(again[i], data[i]) for i in range(len(data)))


def test_several_labels_come_back(tmp_path, monkeypatch):
    data = pictures(4, labels=[["car"], ["cat", "car"], [], ["cat"]])
    again = read_as_told(write_folder(data, tmp_path / "scenes"), monkeypatch)
    assert again.multi_label
    assert again.labels.tolist() == data.labels.tolist()


def test_the_folder_itself_names_split_and_class(data, tmp_path):
    again = ImageDataset.from_folder(write_folder(data, tmp_path / "pets"))
    assert sorted(zip(again.split, again.labels, strict=True)) == sorted(
        zip(data.split, data.labels, strict=True)
    )


def test_images_without_labels_are_written_too(tmp_path):
    folder = write_folder(pictures(5), tmp_path / "bare")
    assert len(ImageDataset.from_folder(folder, label=None)) == 5


def test_strange_names_stay_inside_the_folder(tmp_path, monkeypatch):
    data = pictures(2, ids=["../../up", "a/b"], labels=["..", "c:\\d"])
    folder = write_folder(data, tmp_path / "deep" / "odd")
    assert {path.name for path in tmp_path.iterdir()} == {"deep"}
    assert {path.name for path in (tmp_path / "deep").iterdir()} == {"odd"}
    assert read_as_told(folder, monkeypatch).ids.tolist() == data.ids.tolist()


def test_a_folder_with_files_is_left_alone(data, tmp_path):
    (tmp_path / "mine.txt").write_text("work")
    for force in (False, True):
        with pytest.raises(ValueError, match="Choose another folder"):
            write_folder(data, tmp_path, force=force)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_force_replaces_what_was_written_here(data, tmp_path):
    write_folder(data, tmp_path / "pets")
    with pytest.raises(ValueError, match="not empty"):
        write_folder(data, tmp_path / "pets")
    write_folder(data.subset([0, 1]), tmp_path / "pets", force=True)
    assert len(list((tmp_path / "pets").rglob("*.png"))) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["pets"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, Cancelled])
def test_a_stop_halfway_leaves_nothing(data, tmp_path, stop):
    write_folder(data.subset([0, 1]), tmp_path / "pets")

    def progress(done, total):
        if done == 5:
            raise stop

    for target in ("pets", "new"):
        with pytest.raises(stop):
            write_folder(data, tmp_path / target, force=True, progress=progress)
    assert [path.name for path in tmp_path.iterdir()] == ["pets"]
    assert len(list((tmp_path / "pets").rglob("*.png"))) == 2


def test_progress_ends_with_all(data, tmp_path):
    seen = []
    write_folder(data, tmp_path / "pets", progress=lambda *at: seen.append(at))
    assert seen[0] == (0, 10)
    assert seen[-1] == (10, 10)


def test_the_record_travels_along(data, tmp_path):
    told = json.loads((write_folder(data, tmp_path / "pets") / "provenance.json").read_text())
    assert told["seed"] == 3


def test_a_place_that_cannot_be_written_is_named(data, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    # Simulated: whoever runs the tests may be allowed to write anywhere.
    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    with pytest.raises(ValueError, match="cannot be written"):
        write_folder(data, tmp_path / "pets")
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_way_is_named(data, tmp_path):
    (tmp_path / "pets").write_text("")
    with pytest.raises(ValueError, match="is a file"):
        write_folder(data, tmp_path / "pets")


def test_a_broken_picture_stops_the_writing(data, tmp_path):
    data.mark_broken(3, "torn")
    with pytest.raises(OSError, match="torn"):
        write_folder(data, tmp_path / "pets")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "ids",
    [
        ["a/b", "a_b", "../a_b"],
        ["dog", "Dog", "dog (2)"],
        [".", "..", "..."],
        ["x" * 300, "x" * 301, "é" * 200],
        ["con", "nul.x", "COM1"],
    ],
)
def test_names_of_files_never_meet(ids, tmp_path, monkeypatch):
    target = write_folder(pictures(3, ids=ids, split=["train"] * 3), tmp_path / "pets")
    files = [path.relative_to(target) for path in target.rglob("*.png")]
    assert len({str(path).casefold() for path in files}) == 3
    assert all(path.parts[0] == "train" and len(path.parts) == 2 for path in files)
    again = read_as_told(target, monkeypatch)
    assert list(again.ids) == ids


def test_attributes_leave_the_other_columns_as_they_are(tmp_path, monkeypatch):
    taken = {
        "id": ["p", "q"],
        "label": ["1", "2"],
        "file_name": ["f", "g"],
        "caption_1": ["h", "i"],
    }
    data = pictures(2, ids=["a", "b"], labels=["x", "y"], attributes=taken, captions=["one", "two"])
    again = read_as_told(write_folder(data, tmp_path / "pets"), monkeypatch)
    assert list(again.ids) == ["a", "b"]
    assert list(again.labels) == ["x", "y"]
    assert again.captions == [["one"], ["two"]]
    assert list(again.attributes["label_"]) == ["1", "2"]


@pytest.mark.parametrize("folder", [None, "a\0b", "n" * 300])
def test_what_is_no_folder_is_refused(folder, data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="folder"):
        write_folder(data, folder)
