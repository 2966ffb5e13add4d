"""Training batches: pictures keep their range, captions their end, pairs their truth."""

from __future__ import annotations

from itertools import islice

import numpy as np

from vlmdiag_widgets.training.architecture import CONTEXT
from vlmdiag_widgets.training.batches import epochs, hide_words, jitter, merge_clauses


def test_jitter_keeps_shape_and_range():
    rng = np.random.default_rng(0)
    images = jitter(rng.integers(0, 256, (4, 64, 64, 3), dtype=np.uint8), 3, rng)
    assert images.shape == (4, 3, 64, 64)
    assert float(images.abs().max()) <= 1


def test_jitter_moves_a_picture_by_a_few_pixels_at_most():
    pixels = np.zeros((50, 16, 16, 3), dtype=np.uint8)
    pixels[:, 8, 8] = 255
    images = jitter(pixels, 2, np.random.default_rng(0))
    places = np.array([np.unravel_index(int(one[0].argmax()), (16, 16)) for one in images])
    assert np.abs(places - 8).max() == 2
    assert len(np.unique(places, axis=0)) > 10


def test_hidden_words_leave_the_end_token_last():
    rng = np.random.default_rng(0)
    tokens = np.zeros((200, CONTEXT), dtype=np.int64)
    tokens[:, :4] = [48, 5, 6, 49]
    hidden = hide_words(tokens, 0.5, rng)
    assert (hidden[:, 0] == 48).all()
    assert (np.sort(hidden, axis=1)[:, -4:] == [5, 6, 48, 49]).all()
    moved = (hidden != tokens).any(axis=1).mean()
    assert 0.35 < moved < 0.65


def test_an_epoch_visits_each_row_once_and_the_next_one_shuffles_anew():
    found = list(islice(epochs(10, 5, np.random.default_rng(0)), 4))
    assert sorted(np.concatenate(found[:2])) == list(range(10))
    assert sorted(np.concatenate(found[2:])) == list(range(10))
    assert not np.array_equal(found[0], found[2])


def test_clauses_of_two_parts_are_numbered_alike():
    first = {"matrix": [[1, 1], [0, 1]], "clauses": [[1, 0]]}
    second = {"matrix": [[1, 1], [1, 0], [0, 1]], "clauses": [[1, 2], [2, 0]]}
    stored = [{k: np.array(v, np.uint8) for k, v in one.items()} for one in (first, second)]
    clauses, matrix = merge_clauses(stored)
    assert matrix[clauses].tolist() == [
        [[0, 1], [1, 1]],
        [[1, 0], [0, 1]],
        [[0, 1], [1, 1]],
    ]
    assert len(matrix) == 3
