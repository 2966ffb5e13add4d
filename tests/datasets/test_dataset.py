"""What an `ImageDataset` promises whatever it was made from."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets._progress import Cancelled
from vlmdiag_widgets.datasets import BrokenImageError, ImageDataset


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (10, 12, 16, 3), dtype=np.uint8)


@pytest.fixture
def data(images) -> ImageDataset:
    return ImageDataset.from_arrays(
        images,
        name="toys",
        ids=[f"toy-{i}" for i in range(10)],
        labels=["b", "a"] * 5,
        attributes={"colour": list("rgbrgbrgbr"), "size": range(10)},
        captions=[f"toy {i}" for i in range(10)],
        boxes=[[[0, 0, 1, 1]]] * 10,
        predictions=np.tile([0.25, 0.75], (10, 1)),
        split=["train"] * 6 + ["val"] * 2 + ["test"] * 2,
    )


def test_what_was_given_is_there(data):
    assert data.classes == ["a", "b"]
    assert data.attributes.columns.tolist() == ["colour", "size"]
    assert data.attributes["size"].tolist()[:2] == ["0", "1"]
    assert data.rows("val").tolist() == [6, 7]
    assert data.rows().dtype == np.uint32
    assert data.predictions.columns.tolist() == ["a", "b"]
    assert "10 images, 2 classes, attributes colour, size; 6 train, 2 val, 2 test" in repr(data)
    assert not data.multi_label


def test_a_split_is_made_by_recorded_seed(images):
    data = ImageDataset.from_arrays(images, labels=[0, 1] * 5)
    assert data.provenance["split"]["seed"] == 0
    other = data.make_splits(seed=4, shares={"train": 0.5, "test": 0.5})
    assert other.provenance["split"] == {
        "made_by": "seed",
        "seed": 4,
        "shares": {"train": 0.5, "test": 0.5},
    }
    assert len(other.rows("test")) == 5
    assert list(other.make_splits(seed=4, shares={"train": 0.5, "test": 0.5}).split) == list(
        other.split
    )


def test_a_subset_keeps_everything_aligned(data, images):
    data.mark_broken(3, "scratched")
    rows = [7, 3, 0]
    part = data.subset(rows)
    assert list(part.ids) == ["toy-7", "toy-3", "toy-0"]
    assert list(part.labels) == [data.labels[i] for i in rows]
    assert part.attributes["size"].tolist() == ["7", "3", "0"]
    assert part.attributes.index.tolist() == [0, 1, 2]
    assert part.captions == [["toy 7"], ["toy 3"], ["toy 0"]]
    assert part.classes == data.classes
    assert list(part.split) == ["val", "train", "train"]
    assert part.broken["row"].tolist() == [1]
    assert np.array_equal(np.asarray(part[0]), images[7])
    assert part.key(0) == data.key(7)
    assert len(data.subset(np.arange(10) < 4)) == 4


@pytest.mark.parametrize("rows", [[], [10], [-1], [True, False]])
def test_subsets_that_cannot_be(data, rows):
    with pytest.raises(InputError):
        data.subset(rows)


def test_indexing_like_a_sequence(data, images):
    assert np.array_equal(np.asarray(data[-1]), images[-1])
    assert len(list(data)) == 10
    with pytest.raises(IndexError):
        data[10]


def test_thumbnails_are_small_and_never_raise(data):
    data.mark_broken(2, "scratched")
    for row in (0, 2, 99):
        thumbnail = Image.open(BytesIO(data.thumbnail(row, 8)))
        assert thumbnail.format == "WEBP"
        assert max(thumbnail.size) == 8
    assert Image.open(BytesIO(data.thumbnail(0, 8))).size == (8, 6)


def test_a_broken_image_stays_listed_and_closed(data):
    data.mark_broken(1, "scratched")
    with pytest.raises(BrokenImageError, match="scratched"):
        data.open(1)
    assert data.broken.to_dict("records") == [
        {"row": 1, "id": "toy-1", "path": "", "reason": "scratched"}
    ]


def test_check_reports_progress_and_can_be_cancelled(data):
    seen = []

    def progress(done, total):
        seen.append((done, total))
        if done == 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        data.check(progress)
    assert seen == [(i, 10) for i in range(1, 5)]


def test_multi_labels_as_lists_of_names(images):
    data = ImageDataset.from_arrays(images[:3], labels=[["dog", "cat"], [], ["dog"]])
    assert data.multi_label
    assert data.classes == ["cat", "dog"]
    assert data.labels.tolist() == [[True, True], [False, False], [False, True]]
    assert data.subset([2, 0]).labels.tolist() == [[False, True], [True, True]]


def test_multi_labels_as_a_table(images):
    data = ImageDataset.from_arrays(
        images[:2], labels=np.array([[1, 0], [1, 1]]), classes=["x", "y"]
    )
    assert data.labels.tolist() == [[True, False], [True, True]]


def test_numbers_become_class_names(images):
    data = ImageDataset.from_arrays(images[:3], labels=[0, 1, 0], classes=["owl", "gull"])
    assert list(data.labels) == ["owl", "gull", "owl"]
    assert ImageDataset.from_arrays(images[:3], labels=[2, 10, 2]).classes == ["2", "10"]


def test_a_missing_label_is_none(images):
    data = ImageDataset.from_arrays(images[:4], labels=["a", None, float("nan"), "b"])
    assert list(data.labels) == ["a", None, None, "b"]


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"labels": ["a", "b"]}, "labels has 2 entries, but there are 10"),
        ({"labels": ["a"] * 10}, "same label, 'a'"),
        ({"labels": [None] * 10}, "No image has a label"),
        ({"labels": ["a", "z"] * 5, "classes": ["a", "b"]}, "label 'z' is none of"),
        ({"classes": ["a", "a"], "labels": ["a"] * 10}, "given twice"),
        ({"classes": "ab", "labels": ["a"] * 10}, "list of class names"),
        ({"ids": ["x"] * 10}, "more than once"),
        ({"ids": ["x"]}, "ids has 1"),
        ({"ids": [None, *range(9)]}, "ids are missing"),
        ({"attributes": {"colour": ["r"]}}, "attribute 'colour' has 1"),
        ({"attributes": pd.DataFrame({"a": [1]})}, "attributes has 1"),
        ({"attributes": pd.DataFrame([[1, 2]] * 10, columns=["a", "a"])}, "share a name"),
        ({"captions": ["one"]}, "captions has 1"),
        ({"boxes": [[[0, 0, 1]]] * 10}, "boxes of image 0"),
        ({"boxes": [[[0.5, 0, 0.1, 1]]] * 10}, "left, top, right, bottom"),
        ({"split": ["train"] * 9 + ["tst"]}, "split 'tst'"),
        ({"split": ["train"]}, "split has 1"),
        ({"predictions": ["a"] * 3}, "predictions has 3"),
        ({"predictions": np.ones((10, 3)), "classes": ["a", "b"]}, r"shape \(10, 3\)"),
        ({"predictions": np.full((10, 2), 7.0), "classes": ["a", "b"]}, "no probabilities"),
        ({"predictions": pd.DataFrame({"a": [1.0] * 10}), "classes": ["a", "b"]}, "class 'b'"),
    ],
)
def test_wrong_input_says_what_was_expected(images, about, message):
    with pytest.raises(InputError, match=message):
        ImageDataset.from_arrays(images, **about)


def test_an_unknown_split_is_explained(data):
    with pytest.raises(InputError, match="train, val, test"):
        data.rows("holdout")
