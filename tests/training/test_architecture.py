"""Both encoders: the training passes give what open_clip's own give."""

from __future__ import annotations

import pytest
import torch

from vlmdiag_widgets.training.architecture import (
    ARCHITECTURES,
    CONTEXT,
    IMAGE_SIZE,
    build,
    drop_patches,
    text_features,
)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_pictures_and_texts_get_vectors_of_one_length(architecture):
    model = build(50, architecture).eval()
    with torch.no_grad():
        assert model.encode_image(torch.zeros(2, 3, IMAGE_SIZE, IMAGE_SIZE)).shape == (2, 256)
        assert model.encode_text(torch.zeros(2, CONTEXT, dtype=torch.long)).shape == (2, 256)


def test_short_rows_give_the_same_vectors_as_padded_ones():
    torch.manual_seed(0)
    model = build(50).eval()
    tokens = torch.zeros(3, CONTEXT, dtype=torch.long)
    tokens[:, :5] = torch.tensor([48, 3, 7, 9, 49])
    with torch.no_grad():
        short, full = text_features(model, tokens[:, :5]), model.encode_text(tokens)
    assert torch.allclose(short, full, atol=1e-5)


def test_texts_in_pieces_of_like_length_keep_their_order_and_vectors():
    torch.manual_seed(0)
    model = build(50).eval()
    tokens = torch.randint(1, 48, (7, 12))
    for row, end in enumerate([11, 3, 7, 2, 9, 11, 5]):
        tokens[row, end], tokens[row, end + 1 :] = 49, 0
    with torch.no_grad():
        whole, pieces = text_features(model, tokens), text_features(model, tokens, pieces=3)
    assert torch.allclose(whole, pieces, atol=1e-5)


def test_a_vit_that_drops_patches_sees_them_all_when_it_is_used():
    torch.manual_seed(0)
    model = build(50, "vit")
    names = set(model.state_dict())
    images = torch.randn(2, 3, IMAGE_SIZE, IMAGE_SIZE)
    with torch.no_grad():
        whole = model.visual(images)
        drop_patches(model, 0.5)
        assert not torch.allclose(model.visual(images), whole)
        assert torch.allclose(model.eval().visual(images), whole, atol=1e-5)
    assert set(model.state_dict()) == names
