"""Drawn scenes: parts are whole, a stopped drawing goes on, another corpus is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from vlmdiag_widgets._errors import InputError, WeightsError
from vlmdiag_widgets._progress import Cancelled
from vlmdiag_widgets.training import corpus, prepare
from vlmdiag_widgets.training.batches import Corpus

TOTAL = 24


@pytest.fixture(scope="module")
def few_places():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "VARIANTS", 1)
        patch.setattr(prepare, "PART", 8)
        yield


@pytest.fixture(scope="module")
def drawn(tmp_path_factory, few_places):
    """Draw, stopped after the first part and begun again."""
    folder = tmp_path_factory.mktemp("corpus")

    def stop(done, total):
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        prepare.prepare(folder, 0, TOTAL, 1, stop)
    first = (folder / "captions0.npz").stat().st_mtime_ns
    seen = []
    parts = prepare.prepare(folder, 0, TOTAL, 1, lambda *one: seen.append(one))
    assert (folder / "captions0.npz").stat().st_mtime_ns == first
    assert seen == [(0, 24), (8, 24), (16, 24), (24, 24)]
    return folder, parts


def test_all_scenes_of_all_parts_are_there(drawn):
    folder, parts = drawn
    data = Corpus(folder, range(parts))
    assert parts == 3
    assert len(data) == TOTAL
    rows = np.array([2, 9, 23])
    expected = [np.asarray(corpus.sample(0, row, 0).scene.draw(64)) for row in rows]
    assert np.array_equal(data.pixels(rows), expected)
    assert np.array_equal(data.facts[9], corpus.fact_row(corpus.sample(0, 9, 0).facts))


def test_a_batch_marks_its_own_pairs_and_the_true_ones(drawn):
    folder, parts = drawn
    data = Corpus(folder, range(parts))
    batch = data.batch(np.arange(TOTAL), np.random.default_rng(0), shift=0, unknown=0.2)
    assert batch.true.diagonal().bool().all()
    assert not batch.true.bool().all()
    assert batch.images.shape == (TOTAL, 3, 64, 64)
    assert batch.tokens.shape[1] <= 32


def test_the_truth_of_two_parts_is_that_of_the_captions(drawn):
    folder, parts = drawn
    data = Corpus(folder, range(parts))
    facts = [corpus.sample(0, row, 0).facts for row in range(TOTAL)]
    captions = [corpus.sample_captions(0, row, one)[0] for row, one in enumerate(facts)]
    chosen = data.rows[:, 0]
    found = corpus.truth(data.facts, data.clauses[chosen], data.matrix)
    expected = [[one.true_for(fact) for one in captions] for fact in facts]
    assert np.array_equal(found, expected)


def test_every_word_of_the_captions_is_in_the_vocabulary(drawn):
    folder, _ = drawn
    words = json.loads((folder / "words.json").read_text())
    assert words == sorted(set(words))
    assert "a" in words


@pytest.mark.parametrize(("seed", "total", "named"), [(1, TOTAL, "seed was 0"), (0, 25, "25")])
def test_scenes_that_were_drawn_otherwise_are_refused(drawn, seed, total, named):
    folder, _ = drawn
    with pytest.raises(InputError, match=named):
        prepare.prepare(folder, seed, total, 1)


def test_a_full_disk_is_named(tmp_path, few_places, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(WeightsError, match="the disk is full"):
        prepare.prepare(tmp_path, 0, 4, 1)


def test_parts_are_shared_evenly_by_the_processes(monkeypatch):
    monkeypatch.setattr(prepare, "PART", 12_000)
    assert prepare.part_count(240_000, 2) == 20
    assert prepare.part_count(100, 2) == 2
