"""What the embedded encoders are meant to reach: in their cards, and measured again in part."""

from __future__ import annotations

import numpy as np
import pytest

from vlmdiag_widgets.datasets.worlds import load_dataset
from vlmdiag_widgets.encoders import load_encoder
from vlmdiag_widgets.training.evaluation import cards
from vlmdiag_widgets.training.evaluation.biased import waterbirds
from vlmdiag_widgets.training.evaluation.subject import Subject
from vlmdiag_widgets.training.evaluation.zero_shot import ANIMAL, PLACE, tables

SHAPES = "coloured shapes"
NORMAL = "animals, normal quality"
WORK = "professions, no board"
#: (pictures, attribute, condition) → least zero-shot accuracy on known artwork.
ZERO_SHOT = {
    (SHAPES, "colour", ""): 0.98,
    (SHAPES, "shape", ""): 0.95,
    (SHAPES, "size", ""): 0.90,
    (SHAPES, "position", ""): 0.95,
    (NORMAL, "place", ""): 0.98,
    (NORMAL, "animal", ""): 0.85,
    ("waterbirds", "species of bird", ""): 0.85,
    (WORK, "profession", ""): 0.85,
    ("portraits", "woman or man", ""): 0.90,
    ("portraits", "skin tone", ""): 0.90,
    ("portraits", "age", ""): 0.80,
    ("professions, board", "word on the board", "large"): 0.50,
}


@pytest.fixture(scope="module")
def card():
    return cards.find("demo").card()


@pytest.fixture(scope="module")
def subject():
    return Subject(load_encoder("demo", device="cpu"), quiet=True)


def accuracy(card, wanted):
    rows = [
        row
        for row in card["measured"]["zero_shot"]["rows"]
        if (row["pictures"], row["attribute"], row["condition"]) == wanted
        and row.get("artwork", "noto") == "noto"
    ]
    assert len(rows) == 1, f"no figure for {wanted}"
    assert rows[0]["n"] >= 300, f"too few pictures for {wanted}"
    return rows[0]["value"]


@pytest.mark.parametrize("wanted", list(ZERO_SHOT), ids=" ".join)
def test_zero_shot(card, wanted):
    assert accuracy(card, wanted) >= ZERO_SHOT[wanted]


def test_several_things_are_found_far_above_chance(card):
    known = card["measured"]["zero_shot"]["multi_label"][0]
    assert known["low"] > 3 * known["random"]


def test_texts_predict_the_slices_of_dspritesv(card):
    found = card["measured"]["studies"]["dspritesv"]["correlations"]
    for name, least in (("spearman", 0.75), ("pearson", 0.85)):
        one = found[f"{name}, image probability"]
        assert one["n"] == 5
        assert one["value"] >= least


@pytest.mark.parametrize("spurious", [0.9, 0.95])
def test_waterbirds_minorities_lie_far_below_and_texts_name_them(card, spurious):
    studies = card["measured"]["studies"]["waterbirds"]
    (one,) = [one for one in studies if one["spurious"] == spurious]
    assert one["majority_minus_minority"]["value"] >= 0.3
    assert [row["minority"] for row in one["groups"]] == [True, True, False, False]


def test_portraits_the_favoured_tone_is_ahead_where_the_artwork_is_new(card):
    cases = card["measured"]["studies"]["portraits"]["cases"]
    found = {(one["artwork"], one["training"]): one["favoured_minus_others"] for one in cases}
    assert found["fluent", "skewed"]["low"] > 0
    assert found["fluent", "skewed"]["value"] > found["fluent", "even"]["value"]
    assert abs(found["noto", "even"]["value"]) < 0.05


def test_professions_the_rare_gender_is_behind_where_the_artwork_is_new(card):
    cases = card["measured"]["studies"]["professions"]["cases"]
    (found,) = [one for one in cases if one["artwork"] == "fluent"]
    assert found["common_minus_rare"]["low"] > 0
    assert found["mcnemar"]["p"] < 0.05
    assert all(
        one["text_probability"]["rare gender"] < one["text_probability"]["common gender"]
        for one in cases
    )


def test_the_gap_is_close_to_one_constant_vector(card):
    rows = {row["statistic"]: row for row in card["measured"]["studies"]["gap"]["rows"]}
    assert rows["direction, class"]["after"]["mean"] > 0.8
    assert abs(rows["orthogonality"]["after"]["mean"]) < 0.1
    assert rows["magnitude, class"]["after"]["mean"] > 0.3


def test_the_planted_failure_is_found_and_named(card):
    found = card["measured"]["studies"]["failure"]
    assert len(found["cases"]) == 3
    for one in found["cases"]:
        assert one["strength"] > 0.8
        assert "snow" in one["hardest_captions"][0]
        assert one["accuracy"]["planted"]["high"] < one["accuracy"]["others"]["low"]


def test_probes_change_modality_far_above_chance(card):
    for row in card["measured"]["transfer"]["animals"]:
        assert min(row["images"]["low"], row["texts"]["low"]) > 10 * row["images"]["chance"]


# -- measured again, on fewer pictures of another seed --------------------------------


@pytest.mark.parametrize("task", [ANIMAL, PLACE], ids=["animal", "place"])
def test_animals_and_places_of_a_fresh_seed(subject, task):
    data = load_dataset("animals", n=240, seed=52, qualities=["normal"])
    (row,) = tables(subject, data, (task,), "animals")
    assert row["high"] >= ZERO_SHOT[NORMAL, task.attribute, ""]


def test_waterbirds_again(subject):
    few = Subject(subject.encoder, scale=0.4, quiet=True)
    one = waterbirds(few, 0.95)
    assert one["majority_minus_minority"]["high"] >= 0.3
    assert np.isfinite([row["text"] for row in one["groups"]]).all()
