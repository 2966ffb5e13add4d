"""The shipped encoder: open_clip loads it unchanged, and it tells birds and places apart."""

from __future__ import annotations

import json

import numpy as np
import pytest

from vlmdiag_widgets.datasets.worlds import load_dataset
from vlmdiag_widgets.datasets.worlds.places import PLACES
from vlmdiag_widgets.datasets.worlds.sprites import LANDBIRDS, WATERBIRDS
from vlmdiag_widgets.training.evaluate_demo import Demo, modality_gap
from vlmdiag_widgets.training.export_demo import DEMO_FOLDER


@pytest.fixture(scope="module")
def demo():
    return Demo(DEMO_FOLDER)


def best(demo, data, names, prompt):
    x = demo.images(data, range(len(data)))
    y = demo.texts([prompt.format(name) for name in names])
    return np.array(names)[(x @ y.T).argmax(axis=1)]


@pytest.mark.parametrize("attribute", ["place", "species"])
def test_it_names_birds_and_places_of_a_new_seed(demo, attribute):
    data = load_dataset("waterbirds", n=108, seed=77)
    truth = data.attributes[attribute].to_numpy()
    found = best(demo, data, sorted(set(truth)), "a photo of a {}.")
    assert (found == truth).mean() > 0.7


@pytest.mark.parametrize("attribute", ["color", "shape", "size", "position"])
def test_it_names_what_a_shape_looks_like(demo, attribute):
    data = load_dataset("dspritesv", n=108, seed=77)
    truth = data.attributes[attribute].to_numpy()
    prompt = "a shape in the {}" if attribute == "position" else "{} shape"
    found = best(demo, data, sorted(set(truth)), prompt)
    assert (found == truth).mean() > 0.7


def test_images_and_texts_lie_apart(demo):
    assert modality_gap(demo, pairs=90)["centre_distance"] > 0.3


def test_the_folder_is_small_and_holds_no_code():
    names = {path.name for path in DEMO_FOLDER.iterdir()}
    expected = {"open_clip_config.json", "open_clip_model.safetensors"}
    assert names == expected | {"vocabulary.json", "card.json"}
    assert sum(path.stat().st_size for path in DEMO_FOLDER.iterdir()) < 17_000_000


def test_the_vocabulary_holds_every_word_of_the_worlds_and_no_piece_of_one():
    words = set(json.loads((DEMO_FOLDER / "vocabulary.json").read_text()))
    named = {*WATERBIRDS, *LANDBIRDS, *PLACES, "waterbird", "landbird", "triangle", "orange"}
    assert {word for name in named for word in name.split()} <= words
    assert not {"ard", "ck", "cathedral"} & words


def test_the_card_holds_the_measured_figures():
    card = json.loads((DEMO_FOLDER / "card.json").read_text())
    measured = card["measured"]
    assert measured["waterbirds"]["minority_groups_are_worst_by_text"] is True
    assert measured["waterbirds"]["accuracy_spread"] >= 0.2
    assert measured["dspritesv"]["expected_slices_are_worst_by_text"] is True
    assert card["samples"] > 0
