"""The shipped encoder: open_clip loads it unchanged, and it tells birds and places apart."""

from __future__ import annotations

import json

import numpy as np
import open_clip
import pytest

from vlmdiag_widgets.datasets.worlds import load_dataset
from vlmdiag_widgets.datasets.worlds.places import PLACES
from vlmdiag_widgets.datasets.worlds.sprites import LANDBIRDS, PROFESSIONS, WATERBIRDS
from vlmdiag_widgets.datasets.worlds.words import prompt
from vlmdiag_widgets.encoders import load_encoder
from vlmdiag_widgets.training.evaluation.subject import Subject
from vlmdiag_widgets.training.export_demo import DEMO_FOLDER


@pytest.fixture(scope="module")
def subject():
    return Subject(load_encoder(str(DEMO_FOLDER), device="cpu"), quiet=True)


def best(subject, data, names, ask):
    x, y = subject.images(data), subject.texts([ask(name) for name in names])
    return np.array(names)[(x @ y.T).argmax(axis=1)]


@pytest.mark.parametrize(("column", "attribute"), [("place", "place"), ("species", "thing")])
def test_it_names_birds_and_places_of_a_new_seed(subject, column, attribute):
    data = load_dataset("waterbirds", n=108, seed=77)
    truth = data.attributes[column].to_numpy()
    found = best(subject, data, sorted(set(truth)), lambda name: prompt(attribute, name))
    assert (found == truth).mean() > 0.7


@pytest.mark.parametrize("attribute", ["color", "shape", "size", "position"])
def test_it_names_what_a_shape_looks_like(subject, attribute):
    data = load_dataset("dspritesv", n=108, seed=77)
    truth = data.attributes[attribute].to_numpy()
    found = best(subject, data, sorted(set(truth)), lambda name: prompt(attribute, name))
    assert (found == truth).mean() > 0.7


def test_open_clip_loads_the_folder_and_gets_the_same_vectors(subject):
    name = f"local-dir:{DEMO_FOLDER}"
    model, _, preprocess = open_clip.create_model_and_transforms(name)
    picture = load_dataset("waterbirds", n=9, seed=77).open(0, 64)
    theirs = model.eval().encode_image(preprocess(picture)[None]).detach().numpy()
    ours = subject.encoder.encode_images([picture])
    assert np.allclose(theirs, ours, atol=1e-3)


def test_the_folder_is_small_and_holds_no_code():
    names = {path.name for path in DEMO_FOLDER.iterdir()}
    expected = {"open_clip_config.json", "open_clip_model.safetensors"}
    assert names == expected | {"vocabulary.json", "card.json"}
    assert sum(path.stat().st_size for path in DEMO_FOLDER.iterdir()) < 17_000_000


def test_the_vocabulary_holds_every_word_of_the_worlds_and_no_piece_of_one():
    words = set(json.loads((DEMO_FOLDER / "vocabulary.json").read_text()))
    named = {*WATERBIRDS, *LANDBIRDS, *PLACES, *PROFESSIONS, "waterbird", "triangle", "orange"}
    assert {word for name in named for word in name.split()} <= words
    assert not {"ard", "ck", "cathedral"} & words


def test_the_card_says_how_it_was_trained():
    card = json.loads((DEMO_FOLDER / "card.json").read_text())
    assert card["training"]["samples"] > 0
    assert card["training"]["finished"]
    assert "seed" in card["training"]["settings"]
