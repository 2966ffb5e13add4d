"""What boxes hold: one name a box, kept wherever the boxes go."""

from __future__ import annotations

import numpy as np
import pytest

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets import ImageDataset

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 12, 16, 3), dtype=np.uint8)
ONE, TWO = [0.0, 0.0, 0.5, 1.0], [0.5, 0.0, 1.0, 1.0]
BOXES = [[ONE, TWO], [], [ONE], [TWO]]
NAMES = [["dog", "car"], [], ["cat"], ["sign"]]


def toys(boxes=BOXES, names=NAMES, **more):
    return ImageDataset.from_arrays(IMAGES, boxes=boxes, box_names=names, **more)


def test_names_stand_beside_their_boxes():
    data = toys()
    assert data.box_names == NAMES
    assert [len(boxes) for boxes in data.boxes] == [len(names) for names in data.box_names]


def test_a_text_names_the_only_box():
    assert toys(names=[["dog", "car"], None, "cat", "sign"]).box_names == NAMES


def test_boxes_need_no_names():
    assert toys(names=None).box_names is None


def test_a_subset_and_new_splits_keep_the_names():
    data = toys()
    assert data.subset([3, 0]).box_names == [["sign"], ["dog", "car"]]
    assert data.subset(np.array([False, True, True, False])).box_names == [[], ["cat"]]
    assert data.make_splits(seed=1).box_names == NAMES
    assert data.subset([2]).subset([0]).box_names == [["cat"]]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([["dog"], [], ["cat"], ["sign"]], "Image 0 has 2 boxes and 1 box_names"),
        ([["dog", "car"], ["ghost"], ["cat"], ["sign"]], "Image 1 has 0 boxes and 1 box_names"),
        ([["dog", "car"], [], ["cat"]], "box_names has 3 entries, but there are 4 images"),
    ],
)
def test_as_many_names_as_boxes_are_expected(names, words):
    with pytest.raises(InputError, match=words):
        toys(names=names)


def test_names_without_boxes_are_refused():
    with pytest.raises(InputError, match="box_names are given without boxes"):
        toys(boxes=None)
