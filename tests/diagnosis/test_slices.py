"""Slices scored on texts and on images."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.diagnosis import slice_scores, wilson_interval

CLASSES = ["land", "water"]


def proba(p_land):
    p = np.asarray(p_land, dtype=float)
    return np.stack([p, 1 - p], axis=1)


def birds(n_right, n_wrong, bird, place):
    """Images of one slice with so many right and wrong predictions."""
    cls = "land" if bird == "owl" else "water"
    right = 0.9 if cls == "land" else 0.1
    frame = pd.DataFrame(
        {"bird": bird, "place": place, "class": cls}, index=range(n_right + n_wrong)
    )
    return frame, np.r_[np.full(n_right, right), np.full(n_wrong, 1 - right)]


def world(*parts):
    frames, p = zip(*parts, strict=True)
    return pd.concat(frames, ignore_index=True), proba(np.concatenate(p))


TEXTS = pd.DataFrame(
    {
        "bird": ["owl", "owl", "duck", "duck"],
        "place": ["wood", "sea", "wood", "sea"],
        "class": ["land", "land", "water", "water"],
    }
)
TEXT_PROBA = proba([0.9, 0.3, 0.8, 0.1])
IMAGES, IMAGE_PROBA = world(
    birds(200, 2, "owl", "wood"), birds(10, 40, "owl", "sea"), birds(5, 5, "duck", "wood")
)


def table(by=("bird", "place"), texts=TEXTS, text_proba=TEXT_PROBA, **options):
    given = {"images": IMAGES, "image_proba": IMAGE_PROBA} | options
    return slice_scores(
        texts, text_proba, given.pop("images"), given.pop("image_proba"),
        by=list(by), classes=CLASSES, **given,
    )  # fmt: skip


def test_worst_text_first_with_the_images_figures_beside():
    slices = table()
    assert slices["bird"].tolist() == ["duck", "owl", "duck", "owl"]
    assert slices["place"].tolist() == ["wood", "sea", "sea", "wood"]
    assert slices["text_score"].to_numpy() == pytest.approx([0.2, 0.3, 0.9, 0.9])
    owl_sea = slices.iloc[1]
    assert owl_sea["image_accuracy"] == pytest.approx(0.2)
    assert owl_sea["image_score"] == pytest.approx(0.2 * 0.9 + 0.8 * 0.1)
    assert (owl_sea["n_texts"], owl_sea["n_images"]) == (1, 50)
    low, high = wilson_interval(10, 50)
    assert (owl_sea["ci_low"], owl_sea["ci_high"]) == pytest.approx((float(low), float(high)))


def test_ties_keep_the_order_of_the_values():
    tied = table(text_proba=proba([0.5, 0.5, 0.5, 0.5]))
    assert list(zip(tied["bird"], tied["place"], strict=True)) == [
        ("duck", "sea"), ("duck", "wood"), ("owl", "sea"), ("owl", "wood"),
    ]  # fmt: skip


def test_flag_and_agreement():
    slices = table().set_index(["bird", "place"])
    assert slices["flagged"].to_dict() == {
        ("duck", "wood"): True, ("owl", "sea"): True,
        ("owl", "wood"): False, ("duck", "sea"): False,
    }  # fmt: skip
    assert slices["agreement"].to_dict() == {
        ("owl", "sea"): "agree",  # flagged, interval below the class accuracy
        ("owl", "wood"): "agree",  # neither: not flagged, interval above
        ("duck", "wood"): "undecided",  # the class accuracy lies in the interval
        ("duck", "sea"): "no image",  # predicted, nothing to check it on
    }


def test_disagreement_both_ways():
    slices = table(text_proba=proba([0.1, 0.9, 0.5, 0.5])).set_index(["bird", "place"])
    assert slices.loc[("owl", "wood"), "agreement"] == "disagree"
    assert slices.loc[("owl", "sea"), "agreement"] == "disagree"


def test_slice_without_images_has_no_figures():
    lonely = table().set_index(["bird", "place"]).loc[("duck", "sea")]
    assert lonely["n_images"] == 0
    assert np.isnan([lonely["image_accuracy"], lonely["ci_low"], lonely["ci_high"]]).all()


def test_slice_without_texts_comes_last():
    extra, p = world(birds(3, 0, "owl", "city"))
    images = pd.concat([IMAGES, extra], ignore_index=True)
    slices = table(images=images, image_proba=np.vstack([IMAGE_PROBA, p]))
    assert slices.iloc[-1]["place"] == "city"
    assert slices.iloc[-1]["agreement"] == "no text"
    assert not slices.iloc[-1]["flagged"]


def test_without_images_at_all():
    slices = table(images=None, image_proba=None)
    assert set(slices["agreement"]) == {"no image"}
    assert slices["n_images"].tolist() == [0] * 4
    assert list(slices.columns) == list(table().columns)


def test_images_that_lack_the_attribute_check_nothing():
    slices = table(images=IMAGES.drop(columns="place"))
    assert set(slices["agreement"]) == {"no image"}


def test_attribute_that_spans_classes_is_marked_and_averaged():
    slices = table(by=["place"]).set_index("place")
    assert slices["mixed_class"].all()
    assert slices.loc["wood", "text_score"] == pytest.approx((0.9 + 0.2) / 2)
    # Judged against the average of the class means of its texts.
    assert not slices.loc["sea", "flagged"]
    assert not table(by=["class", "place"])["mixed_class"].any()
    assert not table()["mixed_class"].any()


def test_partial_texts_and_texts_without_class_are_left_out():
    extra = pd.DataFrame(
        {"bird": ["owl", None, "owl"], "place": [None, "sea", "sea"], "class": ["land", None, None]}
    )
    texts = pd.concat([TEXTS, extra], ignore_index=True)
    p = np.vstack([TEXT_PROBA, proba([0.0, 0.0, 0.0])])
    scores = table(texts=texts.assign(full=[True] * 4 + [False] * 3), text_proba=p)
    pd.testing.assert_frame_equal(scores, table())


def test_full_texts_alone_score_a_coarser_slice():
    texts = pd.concat(
        [TEXTS, pd.DataFrame({"bird": ["owl"], "place": [None], "class": ["land"]})],
        ignore_index=True,
    )
    p = np.vstack([TEXT_PROBA, proba([0.0])])
    marked = table(by=["bird"], texts=texts.assign(full=[True] * 4 + [False]), text_proba=p)
    assert marked.set_index("bird").loc["owl", "n_texts"] == 2
    unmarked = table(by=["bird"], texts=texts, text_proba=p)
    assert unmarked.set_index("bird").loc["owl", "n_texts"] == 3


def test_broken_images_are_left_out():
    broken = IMAGE_PROBA.copy()
    broken[:100] = np.nan
    slices = table(image_proba=broken).set_index(["bird", "place"])
    assert slices.loc[("owl", "wood"), "n_images"] == 102


def test_inputs_are_left_as_they_were():
    before = TEXTS.copy(), IMAGES.copy()
    table()
    pd.testing.assert_frame_equal(TEXTS, before[0])
    pd.testing.assert_frame_equal(IMAGES, before[1])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"by": ["plcae"]}, "no column 'plcae'"),
        ({"by": []}, "empty"),
        ({"text_proba": proba([0.5])}, "one row per text"),
        ({"texts": TEXTS.assign(**{"class": "lnad"})}, "Nearest known: land"),
    ],
)
def test_refuses(options, words):
    with pytest.raises(InputError, match=words):
        table(**options)


@pytest.mark.parametrize("name", ["n_correct", "_class", "_p", "_full", "text_base", "_rank"])
def test_a_column_may_have_any_name_that_figures_do_not_have(name):
    texts = pd.DataFrame({name: ["x", "y"], "class": ["a", "b"]})
    images = pd.DataFrame({name: ["x", "x", "y"], "class": ["a", "a", "b"]})
    found = slice_scores(
        texts, [[0.9, 0.1], [0.4, 0.6]], images, [[1, 0], [0, 1], [0, 1]],
        by=[name], classes=["a", "b"],
    )  # fmt: skip
    assert found[name].tolist() == ["y", "x"]
    assert found["image_accuracy"].tolist() == [1.0, 0.5]
    assert not [column for column in found if column.startswith("|")]
