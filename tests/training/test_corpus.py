"""The training scenes: reproducible, apart from the data sets, with true pairs marked."""

from __future__ import annotations

import numpy as np
import pytest

from vlmdiag_widgets.datasets.worlds import MAX_SEED
from vlmdiag_widgets.datasets.worlds.captions import ANY, Caption
from vlmdiag_widgets.training import corpus


def test_a_scene_depends_on_seed_and_number_only():
    assert corpus.sample(0, 5, 0) == corpus.sample(0, 5, 0)
    assert corpus.sample(0, 5, 0) != corpus.sample(1, 5, 0)
    assert corpus.sample(0, 5, 0) != corpus.sample(0, 6, 0)


def test_training_seeds_lie_beyond_every_seed_of_a_data_set():
    assert corpus.SEED_OFFSET > MAX_SEED


def test_every_value_fits_into_a_bit_set():
    assert all(len(values) < 63 for values in corpus.FIELDS.values())
    assert all(values[0] == "none" for values in corpus.FIELDS.values())


def test_truth_agrees_with_the_captions_own_word():
    items = [corpus.sample(0, index, 0) for index in range(40)]
    captions = [corpus.sample_captions(0, k, item.attributes)[0] for k, item in enumerate(items)]
    codes = np.array([corpus.attribute_codes(item.attributes) for item in items])
    bits = np.array([corpus.allowed_bits(one) for one in captions])
    marked = corpus.truth(codes, bits)
    expected = [[one.true_for(item.attributes) for one in captions] for item in items]
    assert np.array_equal(marked, expected)
    assert marked.diagonal().all()
    assert not marked.all()


@pytest.mark.parametrize(("species", "expected"), [("owl", True), ("none", False)])
def test_any_value_excludes_pictures_without_the_attribute(species, expected):
    bits = np.array([corpus.allowed_bits(Caption("an animal", {"species": frozenset((ANY,))}))])
    codes = np.array([corpus.attribute_codes({"species": species})])
    assert corpus.truth(codes, bits)[0, 0] == expected


def test_all_kinds_of_scenes_occur():
    kinds = [corpus.sample(0, index, 0).attributes for index in range(300)]
    assert 0.15 < np.mean(["shape" in one for one in kinds]) < 0.35
    assert len({one["place"] for one in kinds if "place" in one}) == 10
    assert len({one["quality"] for one in kinds}) == 5
