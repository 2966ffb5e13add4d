"""The trust line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr, spearmanr

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.diagnosis import trust_line


def slices(n=16, noise=0.1, seed=0):
    rng = np.random.default_rng(seed)
    text = rng.random(n)
    image = np.clip(text + noise * rng.normal(size=n), 0, 1)
    verdicts = np.resize(["agree", "agree", "disagree", "undecided"], n)
    return pd.DataFrame({"text_score": text, "image_accuracy": image, "agreement": verdicts})


def test_counts_the_undecided_apart():
    trust = trust_line(slices())
    assert (trust.n_agree, trust.n_checked, trust.n_undecided) == (8, 12, 4)
    assert trust.text.startswith("texts agree with images on 8 of 12 slices, 4 undecided, ")


def test_correlations_equal_scipy():
    frame = slices()
    trust = trust_line(frame)
    assert trust.spearman == pytest.approx(
        spearmanr(frame["text_score"], frame["image_accuracy"]).statistic
    )
    assert trust.pearson == pytest.approx(
        pearsonr(frame["text_score"], frame["image_accuracy"]).statistic
    )
    assert trust.spearman_ci[0] < trust.spearman < trust.spearman_ci[1]
    low, high = trust.spearman_ci
    assert f"Spearman r = {trust.spearman:.2f} [{low:.2f}, {high:.2f}]" in trust.text


def test_intervals_repeat_by_seed_and_widen_with_noise():
    frame = slices()
    assert trust_line(frame) == trust_line(frame)
    noisy = trust_line(slices(noise=1.0))
    assert np.ptp(noisy.pearson_ci) > np.ptp(trust_line(frame).pearson_ci)


def test_slices_without_images_are_no_evidence():
    frame = slices()
    lonely = frame.assign(image_accuracy=np.nan, agreement="no image")
    both = pd.concat([frame, lonely], ignore_index=True)
    assert trust_line(both).spearman == trust_line(frame).spearman
    nothing = trust_line(lonely)
    assert nothing.n_checked == 0
    assert "nothing checks the texts" in nothing.text


def test_says_when_there_are_too_few_slices():
    trust = trust_line(slices(2))
    assert np.isnan(trust.spearman)
    assert "too few slices to correlate (2)" in trust.text


def test_few_slices_get_no_interval():
    trust = trust_line(slices(4))
    assert np.isfinite(trust.spearman)
    assert np.isnan(trust.spearman_ci).all()
    assert f"Spearman r = {trust.spearman:.2f} (4 slices: too few for an interval)" in trust.text


def test_perfect_agreement_stays_within_one():
    frame = slices().assign(image_accuracy=lambda table: table["text_score"])
    low, high = trust_line(frame).pearson_ci
    assert low == pytest.approx(1)
    assert high <= 1


def test_says_when_one_side_is_constant():
    trust = trust_line(slices().assign(image_accuracy=1.0))
    assert np.isnan(trust.spearman)
    assert "constant" in trust.text


def test_refuses_another_table():
    with pytest.raises(InputError, match="agreement"):
        trust_line(pd.DataFrame({"text_score": [], "image_accuracy": []}))
