"""The `scenes` world: several labels, several boxes, captions that leave things out."""

from __future__ import annotations

import numpy as np
import pytest

from vlmdiag_widgets.datasets.worlds import load_dataset, scenes
from vlmdiag_widgets.datasets.worlds.sprites import ANIMALS, OBJECTS


@pytest.fixture(scope="module")
def data():
    return load_dataset("scenes")


def test_it_has_several_labels_and_the_announced_size(data):
    assert len(data) == 3000
    assert data.multi_label
    assert data.labels.shape == (3000, len(data.classes))
    assert data.classes == list(ANIMALS + OBJECTS)
    assert len(data.classes) >= 80


def test_labels_boxes_and_count_say_the_same(data):
    names = np.array(data.classes)
    for row in range(300):
        here = sorted(names[data.labels[row]])
        assert sorted(data.box_names[row]) == here
        assert data.attributes["count"][row] == str(len(here))


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_one_to_four_things_are_equally_frequent(data, split):
    counts = data.attributes["count"].iloc[data.rows(split)].value_counts()
    assert len(counts) == 4
    assert counts.max() - counts.min() <= 1


def test_every_class_occurs_often_enough(data):
    assert data.labels.sum(axis=0).min() >= 50


def test_there_are_five_captions_that_leave_something_out():
    for item in scenes.build(n=270).items:
        assert len(item.captions) == 5
        for one in item.captions:
            named = sum(clause.attribute == "thing" for clause in one.clauses)
            assert named < max(len(item.label), 2)


def test_most_things_of_a_picture_are_mentioned_by_some_caption():
    found = []
    for item in scenes.build(n=270).items:
        values = [c.values for one in item.captions for c in one.clauses if c.attribute == "thing"]
        found += [any(thing in some for some in values) for thing in item.label]
    assert np.mean(found) > 0.8


def test_cars_do_not_swim(data):
    wet = {"ocean", "lake", "river", "marsh"}
    for names, place in zip(data.box_names, data.attributes["place"], strict=True):
        if place in wet:
            assert not set(names) & (set(OBJECTS) - set(scenes.AFLOAT))


def test_every_thing_is_to_be_seen(data):
    # Things may stand in front of each other, but not hide each other.
    for boxes in data.boxes[:400]:
        for k, (x0, y0, x1, y1) in enumerate(boxes):
            hidden = [
                max(0, min(x1, b[2]) - max(x0, b[0])) * max(0, min(y1, b[3]) - max(y0, b[1]))
                for b in boxes[k + 1 :]
            ]
            assert sum(hidden) < 0.8 * (x1 - x0) * (y1 - y0)
