"""Written boards: legible, as wide as asked, never too high."""

from __future__ import annotations

import numpy as np
import pytest

from vlmdiag_widgets.datasets.worlds.signs import MAX_HEIGHT, SIGN_WORDS, board, board_shape
from vlmdiag_widgets.datasets.worlds.sprites import PROFESSIONS


def test_each_profession_has_its_word():
    assert len(SIGN_WORDS) == len(PROFESSIONS) == len(set(SIGN_WORDS))


@pytest.mark.parametrize("word", SIGN_WORDS)
def test_letters_are_dark_on_light(word):
    pixels = np.asarray(board(word).convert("L"), float)
    middle = pixels[20:-20, 20:-20]
    assert np.mean(middle < 60) > 0.1
    assert np.mean(middle > 200) > 0.3


@pytest.mark.parametrize("width", [0.2, 0.5, 0.95])
def test_a_board_keeps_its_proportions_within_bounds(width):
    wide, high = board_shape("firefighter", width)
    picture = board("firefighter")
    assert wide / high == pytest.approx(picture.width / picture.height)
    assert wide <= width + 1e-9
    assert high <= MAX_HEIGHT + 1e-9


def test_a_short_word_does_not_grow_beyond_the_bound():
    assert board_shape("go", 0.95)[1] == pytest.approx(MAX_HEIGHT)
