"""Hugging Face data sets, read through the library but decoded here."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from PIL import Image

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets import ImageDataset

datasets = pytest.importorskip("datasets")


@pytest.fixture
def birds():
    pictures = [
        Image.fromarray(np.full((6, 8, 3), value, dtype=np.uint8)) for value in (0, 80, 160, 240)
    ]
    features = datasets.Features(
        {
            "image": datasets.Image(),
            "species": datasets.ClassLabel(names=["gull", "owl"]),
            "place": datasets.Value("string"),
            "text": datasets.Value("string"),
        }
    )
    columns = {
        "image": pictures,
        "species": [0, 1, 1, 0],
        "place": ["sea", "wood", "sea", None],
        "text": ["a gull", "an owl", "an owl at sea", "a gull"],
    }
    return datasets.Dataset.from_dict(columns, features=features)


def test_names_labels_and_pixels(birds):
    data = ImageDataset.from_huggingface(
        birds, label="species", attributes=["place"], caption="text"
    )
    assert data.classes == ["gull", "owl"]
    assert list(data.labels) == ["gull", "owl", "owl", "gull"]
    assert data.attributes["place"].tolist() == ["sea", "wood", "sea", None]
    assert data.captions[2] == ["an owl at sea"]
    assert data[2].getpixel((1, 1)) == (160, 160, 160)
    assert data.key(1) != data.key(2)


def test_a_dict_of_parts_is_the_split(birds):
    parts = datasets.DatasetDict(
        {"train": birds.select([0, 1]), "validation": birds.select([2]), "test": birds.select([3])}
    )
    data = ImageDataset.from_huggingface(parts, label="species")
    assert list(data.split) == ["train", "train", "val", "test"]


def test_wrong_input_is_explained(birds):
    with pytest.raises(InputError, match=r"no column 'picture'.*image"):
        ImageDataset.from_huggingface(birds, "picture")
    with pytest.raises(InputError, match=r"no column 'specie'.*species"):
        ImageDataset.from_huggingface(birds, label="specie")
    with pytest.raises(InputError, match="without streaming"):
        ImageDataset.from_huggingface(birds.to_iterable_dataset())


def test_a_missing_library_names_the_install_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(InputError, match="pip install datasets"):
        ImageDataset.from_huggingface(object())
