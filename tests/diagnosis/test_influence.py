"""Influence of attribute values by Shapley values."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.diagnosis import attribute_influence, shapley_values

BIRDS, PLACES = ["duck", "owl", "gull"], ["sea", "wood"]


def composed(templates=1):
    """Every text over birds and places, full and partial, once per template."""
    rows = itertools.product(range(templates), [None, *BIRDS], [None, *PLACES])
    texts = pd.DataFrame(rows, columns=["template", "bird", "place"])
    texts["full"] = texts[["bird", "place"]].notna().all(axis=1)
    return texts


def value_table(influence):
    return influence.values  # noqa: PD011 - a data frame of ours


def additive(texts, bird_effect, place_effect):
    return np.array(
        [
            0.5 + bird_effect.get(bird, 0) + place_effect.get(place, 0)
            for bird, place in zip(texts["bird"], texts["place"], strict=True)
        ]
    )


def test_additive_effects_are_read_off_exactly():
    texts = composed()
    p = additive(texts, {"duck": 0.2, "owl": -0.3}, {"sea": 0.1, "wood": -0.05})
    influence = attribute_influence(texts, p, ["bird", "place"])
    values = value_table(influence).set_index("value")
    assert influence.base == pytest.approx(0.5)
    for name, effect in {"duck": 0.2, "owl": -0.3, "gull": 0, "sea": 0.1, "wood": -0.05}.items():
        assert values.loc[name, "influence"] == pytest.approx(effect, abs=1e-12)
        assert values.loc[name, "difference"] == pytest.approx(effect, abs=1e-12)
    assert value_table(influence)["value"].tolist()[:2] == ["owl", "duck"]
    assert values.loc["duck", "n_texts"] == 2
    means = influence.attributes.set_index("attribute")["influence"]
    assert means["bird"] == pytest.approx((0.2 + 0.3 + 0) / 3)
    assert means["place"] == pytest.approx((0.1 + 0.05) / 2)


def test_each_text_adds_up_to_its_prediction():
    texts = composed()
    p = np.random.default_rng(0).random(len(texts))
    per_text = attribute_influence(texts, p, ["bird", "place"]).per_text
    total = per_text["base"] + per_text["bird"] + per_text["place"]
    assert total.to_numpy() == pytest.approx(per_text["prediction"].to_numpy(), abs=1e-12)
    assert len(per_text) == 6
    full = per_text["text_id"].to_numpy()
    assert per_text["prediction"].to_numpy() == pytest.approx(p[full])


def test_per_text_is_the_shapley_value_of_its_own_game():
    texts = composed()
    p = np.random.default_rng(1).random(len(texts))
    per_text = attribute_influence(texts, p, ["bird", "place"]).per_text.set_index("text_id")
    named = zip(texts["bird"].fillna(""), texts["place"].fillna(""), strict=True)
    at = {pair: i for i, pair in enumerate(named)}
    game = [p[at[pair]] for pair in [("", ""), ("owl", ""), ("", "sea"), ("owl", "sea")]]
    owl_sea = per_text.loc[at["owl", "sea"]]
    assert [owl_sea["bird"], owl_sea["place"]] == pytest.approx(shapley_values(game).tolist())


def test_templates_are_averaged_over():
    texts = composed(templates=3)
    p = np.random.default_rng(2).random(len(texts))
    mean = p.reshape(3, -1).mean(axis=0)
    over_all = attribute_influence(texts, p, ["bird", "place"])
    of_mean = attribute_influence(composed(), mean, ["bird", "place"])
    assert value_table(over_all)["influence"].to_numpy() == pytest.approx(
        value_table(of_mean)["influence"].to_numpy()
    )
    assert len(over_all.per_text) == 18


def test_difference_may_differ_in_sign_from_influence():
    # The value helps beside "sea" a little and alone it harms: the two summaries part.
    texts = pd.DataFrame({"a": [None, "x", None, "x"], "b": [None, None, "sea", "sea"]})
    influence = attribute_influence(texts, [0.5, 0.2, 0.1, 0.5], ["a", "b"])
    x = value_table(influence).set_index("value").loc["x"]
    assert x["influence"] == pytest.approx((-0.3 + 0.4) / 2)
    assert x["difference"] == pytest.approx((0.2 + 0.5) / 2 - (0.5 + 0.1) / 2)
    skewed = pd.concat([texts, texts.iloc[[1, 1]]], ignore_index=True)
    two = attribute_influence(skewed, [0.5, 0.2, 0.1, 0.5, 0.2, 0.2], ["a", "b"])
    x = value_table(two).set_index("value").loc["x"]
    assert x["influence"] > 0 > x["difference"]


def test_full_texts_may_fill_fewer_attributes():
    texts = pd.DataFrame({"bird": [None, "owl"], "place": [None, None], "full": [False, True]})
    influence = attribute_influence(texts, [0.4, 0.7], ["bird", "place"])
    assert value_table(influence)["value"].tolist() == ["owl"]
    assert influence.per_text.loc[0, "place"] == 0
    assert np.isnan(influence.attributes.set_index("attribute").loc["place", "influence"])


def test_missing_cells_may_be_nan_and_text_ids_are_kept():
    texts = composed().replace({None: np.nan}).assign(text_id=range(100, 112))
    per_text = attribute_influence(texts, np.full(12, 0.5), ["bird", "place"]).per_text
    assert per_text["text_id"].min() >= 100


@pytest.mark.parametrize(
    ("texts", "p", "words"),
    [
        (composed().iloc[1:], np.full(11, 0.5), "exactly no attribute"),
        (composed().query("bird != 'owl' or place == place"), None, "exactly bird='owl'"),
        (composed(), np.full(3, 0.5), "12 finite values"),
        (composed(), np.full(12, np.nan), "12 finite values"),
        (composed().drop(columns="place"), np.full(12, 0.5), "no column 'place'"),
        (composed().query("not full"), None, "nothing to explain"),
    ],
)
def test_refuses(texts, p, words):
    p = np.full(len(texts), 0.5) if p is None else p
    with pytest.raises(InputError, match=words):
        attribute_influence(texts.reset_index(drop=True), p, ["bird", "place"])


def test_means_over_some_texts_still_sum_to_their_prediction():
    texts = composed().assign(text_id=range(12))
    p = np.random.default_rng(0).uniform(size=12)
    influence = attribute_influence(texts, p, ["bird", "place"])
    chosen = texts.query("place == 'sea'")["text_id"]
    means = influence.over(chosen)
    assert means["n_texts"] == influence.per_text["text_id"].isin(chosen).sum() > 1
    assert means["base"] + means["bird"] + means["place"] == pytest.approx(means["prediction"])
    assert influence.over([999]) is None


def test_an_attribute_in_every_text_is_given_not_averaged_over():
    rows = [(s, p) for s in ("owl", "swan") for p in ("ocean", "forest", None)]
    texts = pd.DataFrame(rows, columns=["species", "place"])
    texts["full"] = texts["place"].notna()
    p = np.array([0.1, 0.3, 0.2, 0.9, 0.5, 0.6])
    found = attribute_influence(texts, p, ["place"], given=["species"])
    assert found.per_text["prediction"].tolist() == pytest.approx([0.1, 0.3, 0.9, 0.5])
    assert found.per_text["base"].tolist() == pytest.approx([0.2, 0.2, 0.6, 0.6])
    assert found.per_text["place"].tolist() == pytest.approx([-0.1, 0.1, 0.3, -0.1])
    assert found.base == pytest.approx(0.4)
    values = found.values.set_index("value")["influence"]  # noqa: PD011 - a field of Influence
    assert values["ocean"] == pytest.approx(0.1)
    assert list(found.attributes["attribute"]) == ["place"]


def test_texts_of_many_attributes_a_few_at_a_time_are_explained():
    n, k = 13, 60  # 61**13 combinations: far more than a 64-bit number counts
    rows = [{f"a{i}": f"v{j}"} for i in range(n) for j in range(k)]
    texts = pd.DataFrame([{}, *rows], columns=[f"a{i}" for i in range(n)], dtype=object)
    texts["full"] = [False] + [True] * (n * k)
    p = np.linspace(0.2, 0.9, n * k + 1)
    found = attribute_influence(texts, p, [f"a{i}" for i in range(n)])
    assert found.base == pytest.approx(0.2)
    phi = found.per_text[[f"a{i}" for i in range(n)]].to_numpy()
    assert phi.sum(axis=1) == pytest.approx(p[1:] - 0.2)
    assert (np.count_nonzero(phi, axis=1) == 1).all()
