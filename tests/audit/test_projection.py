"""What the gap scatter shows."""

from __future__ import annotations

import numpy as np
import pytest

import vlmdiag_widgets as vd


def test_images_are_shown_alone_where_no_text_can_have_a_vector():
    rng = np.random.default_rng(0)
    audit = vd.Audit.from_embeddings(rng.normal(size=(60, 8)), np.repeat(["cat", "dog"], 30))
    found = audit.projection()
    assert len(found.image_rows) > 0
    assert found.text_ids.shape == (0,)
    assert found.open.texts.shape == (0, 2)
    assert np.isfinite(found.open.images).all()
    assert found.gap is None


@pytest.mark.parametrize(
    ("x", "words"),
    [(np.linspace(1, 2, 60)[:, None], "one dimension"), (np.eye(3), "nothing can be placed")],
)
def test_what_cannot_be_placed_is_said_with_a_way_out(x, words):
    with pytest.raises(vd.InputError, match=words) as refused:
        vd.Audit.from_embeddings(x).projection()
    assert refused.value.hint
