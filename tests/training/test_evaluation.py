"""Measuring the embedded encoders, and the cards and pages made from the figures."""

from __future__ import annotations

import copy
import json
import re

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score, f1_score

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.worlds import load_dataset
from vlmdiag_widgets.training import corpus, vision_scenes
from vlmdiag_widgets.training.evaluation import cards, figures, markdown, render, transfer
from vlmdiag_widgets.training.evaluation.biased import tie_ceiling
from vlmdiag_widgets.training.evaluation.measure import measure
from vlmdiag_widgets.training.evaluation.people import common_gender, portrait_text
from vlmdiag_widgets.training.evaluation.subject import STUDY_SEEDS, ZERO_SHOT_SEED
from vlmdiag_widgets.training.evaluation.untrained import known_tokens, untrained
from vlmdiag_widgets.training.evaluation.zero_shot import (
    NAMED_HAIR,
    average_precisions,
    mean_precision,
    most_frequent,
)
from vlmdiag_widgets.training.export_demo import DEMO_FOLDER


@pytest.fixture(scope="module")
def demo():
    return cards.at(DEMO_FOLDER)


@pytest.fixture(scope="module")
def measured(demo):
    """All figures, each of a few pictures."""
    return measure(demo, scale=0.01, quiet=True)


# -- figures ---------------------------------------------------------------------


def test_a_share_has_count_chance_and_wilson_interval():
    found = figures.share([True] * 9 + [False], chance=0.5)
    assert (found["value"], found["n"], found["chance"]) == (0.9, 10, 0.5)
    assert found["low"] == pytest.approx(0.596, abs=1e-3)
    assert found["high"] == pytest.approx(0.982, abs=1e-3)


def test_a_share_of_nothing_is_no_number():
    assert figures.share([])["value"] is None


def test_newcombes_interval_is_that_of_his_table():
    # Newcombe 1998, table II (a): 56/70 against 48/80, method 10.
    first, second = np.arange(70) < 56, np.arange(80) < 48
    found = figures.difference(first, second)
    assert found["value"] == pytest.approx(0.2)
    assert found["low"] == pytest.approx(0.0524, abs=2e-4)
    assert found["high"] == pytest.approx(0.3339, abs=2e-4)


def test_a_mean_over_seeds_keeps_each_value():
    found = figures.over_seeds([0.3, 0.4, 0.5])
    assert found["value"] == pytest.approx(0.4)
    assert found["each"] == [0.3, 0.4, 0.5]
    assert found["high"] - found["low"] == pytest.approx(2 * 4.3027 * 0.1 / np.sqrt(3), abs=1e-3)


def test_average_precision_is_sklearns():
    rng = np.random.default_rng(0)
    scores, truth = rng.random((50, 3)), rng.random((50, 3)) < 0.3
    expected = [average_precision_score(truth[:, k], scores[:, k]) for k in range(3)]
    assert average_precisions(scores, truth) == pytest.approx(expected)


def test_the_bootstrap_of_a_mean_is_close_to_its_normal_interval():
    values = np.random.default_rng(0).normal(size=400)
    found = figures.bootstrap(lambda rows: float(values[rows].mean()), 400)
    reach = 1.96 * values.std() / 20
    assert found["value"] == pytest.approx(values.mean(), abs=1e-4)
    assert found["high"] - found["low"] == pytest.approx(2 * reach, rel=0.15)
    again = figures.bootstrap(lambda rows: float(values[rows].mean()), 400)
    assert again == found


def test_things_that_nothing_shows_are_left_out_of_the_mean_precision():
    scores = np.array([[0.9, 0.1], [0.2, 0.8]])
    truth = np.array([[True, False], [False, False]])
    assert mean_precision(scores, truth) == pytest.approx(1)


def test_always_saying_the_most_frequent_value():
    assert most_frequent(np.array(["a", "b", "a", "c"], dtype=object)) == 0.5


def test_f1_is_sklearns():
    rng = np.random.default_rng(0)
    said, truth = rng.random((50, 4)) < 0.4, rng.random((50, 4)) < 0.4
    for kind, ours in (("micro", transfer.micro_f1), ("macro", transfer.macro_f1)):
        assert ours(said, truth) == pytest.approx(f1_score(truth, said, average=kind), abs=1e-4)


def test_no_untied_order_does_better_than_the_tie_ceiling():
    accuracy = np.array([0, 0, 0.3, 1, 1, 1, 1.0])
    ceiling = tie_ceiling(accuracy)
    rng = np.random.default_rng(0)
    tried = [spearmanr(rng.permutation(7), accuracy).statistic for _ in range(500)]
    assert max(tried) <= ceiling + 1e-12
    assert spearmanr(np.arange(7), accuracy).statistic == pytest.approx(ceiling)


def test_no_seed_on_which_something_was_chosen_is_reported():
    reported = {*STUDY_SEEDS, ZERO_SHOT_SEED, transfer.SEED}
    assert min(reported) >= 20
    assert ZERO_SHOT_SEED not in STUDY_SEEDS
    assert max(reported) < min(corpus.SEED_OFFSET, vision_scenes.SEED_OFFSET)


def test_hair_is_asked_for_by_its_name():
    assert "plain" not in NAMED_HAIR
    assert len(NAMED_HAIR) == 5


# -- studies ---------------------------------------------------------------------


def test_the_common_gender_is_read_from_the_training_images():
    data = load_dataset("professions", n=540, gender_skew=0.9, sign_share=0)
    common = common_gender(data)
    assert len(common) == 12
    assert set(common.values()) == {"woman", "man"}


def test_sentences_about_people():
    assert portrait_text("older", "woman", "light") == "a photo of an older woman with light skin."
    assert portrait_text("child", "woman", "dark") == "a photo of a girl with dark skin."


def test_the_untrained_encoder_has_new_weights_and_one_row_for_unknown_tokens(demo):
    start = untrained(demo)
    assert start.logit_scale == pytest.approx(np.exp(2.66), rel=1e-2)
    again = untrained(demo)
    assert np.array_equal(start.encode_texts(["a dog"]), again.encode_texts(["a dog"]))
    known = known_tokens(demo.folder)
    assert 200 < len(known) < 3000


@pytest.mark.slow
def test_a_reduced_measurement_runs_through(measured):
    assert set(measured) == {"zero_shot", "studies", "transfer", "cost", "about"}
    rows = measured["zero_shot"]["rows"]
    assert {row.get("artwork") for row in rows} == {None, "noto", "fluent"}
    assert all(0 <= row["low"] <= row["value"] <= row["high"] <= 1 for row in rows)
    assert len(measured["studies"]["waterbirds"]) == 2
    json.dumps(measured, allow_nan=False)


@pytest.mark.slow
def test_measuring_twice_gives_the_same_figures(demo, measured):
    again = measure(demo, ["transfer"], scale=0.01, quiet=True)
    assert again["transfer"] == measured["transfer"]


# -- cards and pages -------------------------------------------------------------


@pytest.mark.slow
def test_new_figures_leave_the_others(measured):
    card = {"name": "demo@1", "training": {"steps": 3}, "measured": copy.deepcopy(measured)}
    new = cards.updated(card, {"transfer": {"seed": 9}, "about": {"seconds": 1}})
    assert new["measured"]["transfer"] == {"seed": 9}
    assert new["measured"]["zero_shot"] == measured["zero_shot"]
    assert new["measured"]["about"] == measured["about"]
    assert new["training"] == {"steps": 3}


@pytest.mark.slow
def test_a_page_shows_every_section(measured, monkeypatch):
    monkeypatch.setattr(render, "FEW", 1)
    card = {
        "name": "demo@1",
        "training": {"steps": 3, "captions": "the rule"},
        "measured": measured,
    }
    text = render.page(card)
    for title in ("In short", "Training", "Zero-shot", "Five studies", "Probe transfer", "Cost",
                  "What must not be concluded", "Known weaknesses"):  # fmt: skip
        assert f"# {title}\n" in text
    for word in ("the rule", "Wilson", "before training", "emoji", "McNemar", "photographs"):
        assert word in text
    assert "nan" not in text.split()
    assert not re.search(r"\d %|\de-\d|\d\.\d{6}", text)


def test_a_page_of_a_network_that_sees_images_only():
    share = {"share": 0.5, "n": 10, "interval": [0.2, 0.8]}
    card = {"name": "demo-ssl@1", "training": {"steps": 3}, "measured": {"species": {"all": share}}}
    assert "| species · all | 0.500 [0.200, 0.800], n = 10 |" in render.page(card)


def test_tables_keep_their_columns_whatever_the_text():
    lines = markdown.table(["a", "b"], [["x|y", "two\nlines"], [None, {"value": 0.5, "low": None}]])
    assert lines[2] == r"| x\|y | two lines |"
    assert lines[3] == "| – | 0.500 |"


def test_numbers_are_written_in_plain_digits():
    assert markdown.number(0.0004) == "0.0004"
    assert markdown.number(0.0) == "0.000"
    assert [markdown.p_value(p) for p in (3e-7, 0.034)] == ["p < 0.001", "p = 0.034"]
    assert markdown.prose("20 % of 8%") == "20% of 8%"


def test_an_unknown_encoder_is_refused():
    with pytest.raises(InputError, match="no encoder 'damo'"):
        cards.find("damo")


def test_an_encoder_is_found_without_its_version(demo):
    assert cards.find(demo.name.split("@")[0]).folder == DEMO_FOLDER


def test_the_pages_are_those_of_the_cards():
    found = [one.card() for one in cards.shipped()]
    for card in found:
        page = cards.DOCS / f"{card['name']}.md"
        assert page.read_text(encoding="utf-8") == render.page(card), (
            "Run python -m vlmdiag_widgets.training.evaluation --render"
        )
    assert (cards.DOCS / "README.md").read_text(encoding="utf-8") == render.index(found)
