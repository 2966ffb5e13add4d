"""What stands first in a card follows from its figures."""

from __future__ import annotations

from vlmdiag_widgets.training.evaluation.summary import summary_lines
from vlmdiag_widgets.training.evaluation.targets import TARGETS


def row(attribute, pictures, value, artwork=None):
    figure = {"value": value, "low": value - 0.01, "high": value, "n": 500, "chance": 0.5}
    about = {"attribute": attribute, "pictures": pictures, "condition": ""}
    return {**about, **figure, **({"artwork": artwork} if artwork else {})}


def card(*rows, **parts):
    return {"name": "demo@1", "measured": {"zero_shot": {"rows": list(rows)}, **parts}}


def test_wanted_figures_are_met_missed_or_not_measured():
    rows = [row("colour", "coloured shapes", 0.979), row("age", "portraits", 0.8, "noto")]
    text = "\n".join(summary_lines(card(*rows, cost={"load_seconds": 0.5})))
    assert "colour (coloured shapes) | ≥ 0.98 | 0.979 [0.969, 0.979] | 500 | **missed** |" in text
    assert "age (portraits) | ≥ 0.8 | 0.800 [0.790, 0.800] | 500 | met |" in text
    assert "seconds to load | ≤ 0.5 | 0.5 | – | met |" in text
    assert "2 of 3 are met" in text
    assert text.count("not measured") == len(TARGETS) - 3


def test_unseen_artwork_does_not_count_for_what_was_wanted():
    text = "\n".join(summary_lines(card(row("age", "portraits", 0.9, "fluent"))))
    assert "0 of 0 are met" in text


def test_strengths_and_weaknesses_are_told_apart_by_artwork():
    rows = [row("age", "portraits", 0.99, "noto"), row("age", "portraits", 0.4, "fluent")]
    said = summary_lines(card(*rows))
    assert "- On the artwork of its training, zero-shot, at least 95% right: age." in said
    assert any(
        "not seen" in line and "age (portraits) 0.400, chance 0.500" in line for line in said
    )


def test_a_failure_that_texts_miss_is_said():
    drop = {"value": 0.2, "low": 0.1, "high": 0.3, "n": 9}
    case = {"artwork": "fluent", "training": "skewed", "favoured_minus_others": drop}
    quiet = summary_lines(card(studies={"portraits": {"cases": [{**case, "by_text": 0.18}]}}))
    told = summary_lines(card(studies={"portraits": {"cases": [{**case, "by_text": 0.0}]}}))
    assert not any("Texts understate" in line for line in quiet)
    assert any("ahead by 0.200 on images and by 0.000 on texts" in line for line in told)


def test_training_that_does_not_help_is_said():
    def probe(share):
        return {"linear_probe": {"share": share, "interval": [share - 0.02, share + 0.02], "n": 9}}

    features = {
        "trained": {"species": probe(0.8), "place": probe(0.5)},
        "random_weights": {"species": probe(0.1), "place": probe(0.6)},
    }
    text = "\n".join(summary_lines({"measured": {"features": features}}))
    assert (
        "species in 80.0%, of the same network with random weights in 10.0%: training helps" in text
    )
    assert "training takes away from it" in text


def test_nothing_is_said_of_what_was_not_measured():
    assert summary_lines({"name": "demo@1"}) == []
