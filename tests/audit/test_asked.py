"""What a data set suggests: which attributes texts name, and in which words."""

from __future__ import annotations

import numpy as np
import pytest

from tests.audit.birds import WordEncoder
from vlmdiag_widgets.audit import Audit
from vlmdiag_widgets.datasets import load_dataset


def audit_of(data, **settings):
    x = np.random.default_rng(0).normal(size=(len(data), WordEncoder.dim)).astype(np.float32)
    return Audit.from_embeddings(
        x, None, dataset=data, encoder=WordEncoder(), classifier="zero-shot", **settings
    )


@pytest.mark.parametrize(
    ("name", "attributes", "text"),
    [
        ("portraits", ["age", "gender", "tone"], "a photo of an older man with dark skin."),
        ("professions", ["profession", "gender", "tone"], "a photo of a woman judge."),
        ("animals", ["species", "place"], "a photo of an owl in the snow."),
        ("camels-horses", ["animal", "place"], "a photo of a horse in the desert."),
        ("scenes", ["place"], "a photo of the room."),
    ],
)
def test_texts_name_what_the_data_set_suggests(name, attributes, text):
    audit = audit_of(load_dataset(name, n=540))
    assert list(audit.attributes) == attributes
    assert text in set(audit.texts()["text"])
    assert audit.slice_by == load_dataset(name, n=9).provenance["slice_by"]


def test_suggestions_give_way_to_what_is_asked_for():
    audit = audit_of(load_dataset("portraits", n=270), attributes={"gender": ["woman", "man"]})
    assert list(audit.attributes) == ["gender"]


def test_suggestions_that_the_data_cannot_follow_are_ignored():
    data = load_dataset("portraits", n=270)
    data.provenance["asked"] = ["gender", "height"]
    assert list(audit_of(data).attributes) == ["age", "gender", "tone", "hair", "place"]
