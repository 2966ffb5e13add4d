"""An audit of images that were spoiled on purpose: the planted cause can be asked about."""

from __future__ import annotations

import numpy as np
import pytest

import vlmdiag_widgets as vd
from vlmdiag_widgets.datasets import corrupt


@pytest.fixture(scope="module")
def encoder():
    return vd.load_encoder("demo", device="cpu")


def test_images_left_alone_keep_their_vectors(encoder, tmp_path):
    birds = vd.load_dataset("waterbirds", n=36)
    store = vd.EmbeddingStore(tmp_path)
    before = store.images(encoder, birds)
    foggy = corrupt(birds, "fog", severity=5, share=0.5)
    after = store.images(encoder, foggy)
    spoiled = (foggy.attributes["corruption"] == "fog").to_numpy()
    same = np.isclose(before, after).all(axis=1)
    assert (same == ~spoiled).all()


def test_the_planted_cause_is_an_attribute_of_the_audit(encoder):
    birds = corrupt(vd.load_dataset("waterbirds", n=180), "contrast", severity=5, share=0.5)
    audit = vd.Audit(
        encoder, birds, classifier="zero-shot", slice_by=["corruption"], colour_by="corruption"
    )
    slices = audit.slices().set_index("corruption")
    assert set(slices.index) == {"contrast", "none"}
    assert slices.loc["contrast", "image_accuracy"] < slices.loc["none", "image_accuracy"]


def test_the_code_of_an_audit_does_not_draw_the_images_unspoiled(encoder):
    birds = corrupt(vd.load_dataset("waterbirds", n=36), "fog")
    audit = vd.Audit(encoder, birds, classifier="zero-shot")
    assert "load_dataset" not in audit.code()
