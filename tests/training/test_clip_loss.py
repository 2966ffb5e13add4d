"""The loss counts all true pairs; the rate warms up and ends at zero."""

from __future__ import annotations

import math

import pytest
import torch

from vlmdiag_widgets.training.clip_loss import learning_rate, soft_loss, targets
from vlmdiag_widgets.training.settings import Settings

TRUE = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


def test_the_loss_is_least_when_all_true_pairs_agree():
    agreeing = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    opposed = agreeing[[2, 0, 1]]
    scale = torch.tensor(2.0)
    assert soft_loss(agreeing, agreeing, scale, TRUE) < soft_loss(agreeing, opposed, scale, TRUE)


def test_targets_are_uniform_over_the_true_pairs_both_ways():
    by_image, by_text = targets(torch.tensor([[1.0, 1.0], [0.0, 1.0]]))
    assert by_image.tolist() == [[0.5, 0.5], [0.0, 1.0]]
    assert by_text.tolist() == [[1.0, 0.0], [0.5, 0.5]]


def test_the_loss_of_a_small_example_by_hand():
    # Cosines [[1, 0], [0, 1]] at scale 1; the second caption is true of both pictures.
    images = texts = torch.eye(2) * 5
    true = torch.tensor([[1.0, 1.0], [0.0, 1.0]])
    own, other = math.log(1 + math.exp(-1)), math.log(1 + math.e)
    by_image = ((own + other) / 2 + own) / 2
    by_text = (own + (own + other) / 2) / 2
    found = soft_loss(images, texts, torch.tensor(0.0), true)
    assert float(found) == pytest.approx((by_image + by_text) / 2, rel=1e-5)


def test_one_true_pair_a_picture_gives_the_loss_of_clip():
    torch.manual_seed(0)
    images, texts = torch.randn(4, 8), torch.randn(4, 8)
    logits = torch.nn.functional.cosine_similarity(images[:, None], texts[None], dim=-1) * 3
    both = [torch.nn.functional.cross_entropy(x, torch.arange(4)) for x in (logits, logits.T)]
    found = soft_loss(images, texts, torch.tensor(3.0).log(), torch.eye(4))
    assert float(found) == pytest.approx(float(sum(both)) / 2, rel=1e-5)


def test_a_picture_without_any_true_caption_is_refused():
    with pytest.raises(ValueError, match="no true pair"):
        targets(torch.tensor([[1.0, 0.0], [0.0, 0.0]]))


def test_the_rate_warms_up_and_ends_at_zero():
    settings = Settings(corpus="", out="")
    assert learning_rate(settings, 0, 0.0) < settings.rate / 100
    assert learning_rate(settings, 1000, 0.0) == pytest.approx(settings.rate)
    assert learning_rate(settings, 1000, 0.5) == pytest.approx(settings.rate / 2)
    assert learning_rate(settings, 1000, 1.0) == pytest.approx(0, abs=1e-9)
