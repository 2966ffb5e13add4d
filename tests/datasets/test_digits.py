from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from vlmdiag_widgets.datasets import COLORS, coloured_digits, handwritten_digits


def test_all_digits_of_scikit_learn_are_there():
    data = handwritten_digits()
    assert len(data) == 1797
    assert data.classes[0] == "zero"
    targets = load_digits().target
    assert [data.classes.index(label) for label in data.labels] == targets.tolist()
    assert set(data.split) == {"train", "val", "test"}


def test_a_picture_is_the_digit_enlarged():
    picture = np.asarray(handwritten_digits(size=32)[0], dtype=float)
    assert picture.shape == (32, 32, 3)
    assert (picture[..., 0] == picture[..., 1]).all()
    cells = picture[4:28, 4:28, 0].reshape(8, 3, 8, 3).mean(axis=(1, 3))
    known = load_digits().images[0] / 16 * 255
    assert np.corrcoef(cells.ravel(), known.ravel())[0, 1] > 0.97


def test_a_seed_chooses_the_digits():
    first, again, other = handwritten_digits(50), handwritten_digits(50), handwritten_digits(50, 1)
    assert first.ids.tolist() == again.ids.tolist() != other.ids.tolist()
    assert first.key(0) == again.key(0)
    assert first.key(0, 64) != first.key(0, 65)


def test_coloured_digits_mislead_in_training_only():
    data = coloured_digits(spurious=1.0)
    own = dict(zip(data.classes, COLORS, strict=True))
    usual = np.array([own[label] for label in data.labels]) == data.attributes["color"].to_numpy()
    assert usual[data.split == "train"].all()
    assert usual[data.split == "test"].mean() < 0.2


def test_captions_name_the_colour_and_the_digit():
    data = coloured_digits(30)
    color, digit = data.attributes.loc[3, ["color", "digit"]]
    assert data.captions[3] == [f"a photo of the {color} digit {digit}."]
    assert data.labels[3] == digit


def test_the_record_names_source_and_licence():
    original = coloured_digits(30).provenance["original"]
    assert "UCI" in original["data"]
    assert "CC BY 4.0" in original["data"]


@pytest.mark.parametrize("given", [{"n": 5}, {"n": 1798}, {"seed": -1}, {"size": 4}, {"n": True}])
def test_bad_numbers_are_refused(given):
    with pytest.raises(ValueError, match="expected a whole number"):
        coloured_digits(**given)


def test_a_share_above_one_is_refused():
    with pytest.raises(ValueError, match=r"spurious is 1\.2"):
        coloured_digits(spurious=1.2)
