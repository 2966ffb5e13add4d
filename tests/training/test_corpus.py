"""The training scenes: reproducible, apart from the data sets, with true pairs marked."""

from __future__ import annotations

import numpy as np

from vlmdiag_widgets.datasets.worlds import MAX_SEED
from vlmdiag_widgets.datasets.worlds.facts import Caption, claim, facts_of
from vlmdiag_widgets.datasets.worlds.words import ANIMALS
from vlmdiag_widgets.training import corpus


def marks(pictures, captions):
    table = corpus.ClauseTable()
    rows = np.array([table.row(one) for one in captions])
    facts = np.array([corpus.fact_row(one) for one in pictures])
    return corpus.truth(facts, rows, table.matrix())


def test_a_scene_depends_on_seed_and_number_only():
    assert corpus.sample(0, 5, 0) == corpus.sample(0, 5, 0)
    assert corpus.sample(0, 5, 0) != corpus.sample(1, 5, 0)
    assert corpus.sample(0, 5, 0) != corpus.sample(0, 6, 0)


def test_training_seeds_lie_beyond_every_seed_of_a_data_set():
    assert corpus.SEED_OFFSET > MAX_SEED


def test_truth_agrees_with_the_captions_own_word():
    items = [corpus.sample(0, index, 0) for index in range(60)]
    captions = [corpus.sample_captions(0, k, item.facts)[0] for k, item in enumerate(items)]
    marked = marks([item.facts for item in items], captions)
    expected = [[one.true_for(item.facts) for one in captions] for item in items]
    assert np.array_equal(marked, expected)
    assert np.array_equal(marked.diagonal(), [not one.noisy for one in captions])
    assert not marked.all()


def test_a_claim_about_what_a_picture_lacks_is_false():
    animal = Caption("an animal", (claim("thing", *ANIMALS),))
    marked = marks([facts_of(thing="owl"), facts_of(shape="star")], [animal, Caption("hm")])
    assert marked.tolist() == [[True, True], [False, True]]


def test_a_few_captions_are_wrong_and_said_to_be():
    captions = [
        (item.facts, one)
        for index in range(400)
        for item in [corpus.sample(0, index, 0)]
        for one in corpus.sample_captions(0, index, item.facts)
    ]
    wrong = [not one.true_for(facts) for facts, one in captions]
    assert wrong == [one.noisy for _, one in captions]
    assert 0.02 < np.mean(wrong) < 0.08


def test_all_kinds_of_scenes_occur():
    kinds = [corpus.sample(0, index, 0).facts for index in range(800)]
    for attribute, share in (("shape", 0.116), ("age", 0.317), ("thing", 0.467), ("sign", 0.252)):
        assert abs(np.mean([attribute in one for one in kinds]) - share) < 0.06
    assert len(frozenset().union(*(one.get("place", ()) for one in kinds))) == 13
    assert len(frozenset().union(*(one["quality"] for one in kinds))) == 5
    assert {len(one["thing"]) for one in kinds if "thing" in one} == {1, 2, 3, 4}


def test_what_is_written_tells_nothing_of_who_holds_it():
    boards = [corpus.sample(0, index, 0).facts for index in range(1500)]
    pairs = [one for one in boards if "sign" in one and "profession" in one]
    own = np.mean([one["sign"] == one["profession"] for one in pairs])
    assert own < 0.3
    assert any("sign" in one and "age" not in one for one in boards)


def test_no_claim_of_a_caption_is_lost():
    longest = max(
        len(one.clauses)
        for index in range(600)
        for one in corpus.sample_captions(1, index, corpus.sample(1, index, 0).facts)
    )
    assert longest <= corpus.CLAUSES_PER_CAPTION
