"""The instant preview on the demo encoder: a word on a board, and an animal in a drawn place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

import vlmdiag_widgets as vd
from vlmdiag_widgets.datasets.worlds.place_scene import sample_place_scene
from vlmdiag_widgets.datasets.worlds.places import PLACES
from vlmdiag_widgets.datasets.worlds.signs import SIGN_WORDS
from vlmdiag_widgets.datasets.worlds.sprites import ANIMALS, profession_sprite
from vlmdiag_widgets.datasets.worlds.words import prompt
from vlmdiag_widgets.diagnosis import gradient_preview

SIDE = 256


@pytest.fixture(scope="module")
def encoder():
    return vd.load_encoder("demo")


def leads(encoder, attribute, options):
    """Cosine to the prompt of one option minus the best other one's, for each option."""
    vectors = torch.from_numpy(encoder.encode_texts([prompt(attribute, one) for one in options]))
    prompts = vectors / vectors.norm(dim=1, keepdim=True)

    def lead_of(target):
        def lead(features):
            cosines = features / features.norm(dim=1, keepdim=True) @ prompts.T
            others = cosines.clone()
            others[:, target] = -2
            return cosines[:, target] - others.amax(dim=1)

        return lead

    return lead_of


def pixels_of(encoder, scene):
    return encoder.preprocess(scene.draw(SIDE))


def judged(encoder, lead, pixels):
    with torch.no_grad():
        return lead(encoder.image_features(torch.stack(pixels)))


@pytest.fixture(scope="module")
def boards(encoder):
    """Boards whose word alone decides: in another place it still does, another word never."""
    lead_of, rng, kept = leads(encoder, "sign", SIGN_WORDS), np.random.default_rng(0), []
    for _ in range(40):
        word, other = (int(k) for k in rng.permutation(len(SIGN_WORDS))[:2])
        scene = sample_place_scene(
            rng,
            [profession_sprite("judge", "woman", "medium")] if rng.random() < 0.5 else [],
            PLACES[int(rng.integers(len(PLACES)))],
            place_seed=5,
            variant=0,
            sign=SIGN_WORDS[word],
        )
        elsewhere = replace(scene, place=PLACES[int(rng.integers(len(PLACES)))], variant=1)
        rewritten = replace(scene, sign=replace(scene.sign, text=SIGN_WORDS[other]))
        pixels = [pixels_of(encoder, one) for one in (scene, elsewhere, rewritten)]
        here, there, not_here = judged(encoder, lead_of(word), pixels)
        if min(here, there) > 0 > not_here:
            kept.append((pixels[0], dict(scene.boxes())["sign"], lead_of(word)))
    return kept


@pytest.fixture(scope="module")
def animals(encoder):
    """Animals that are recognised, in places that tell nothing about them."""
    lead_of, rng, kept = leads(encoder, "thing", ANIMALS), np.random.default_rng(0), []
    for _ in range(30):
        animal, place = int(rng.integers(len(ANIMALS))), PLACES[int(rng.integers(len(PLACES)))]
        scene = sample_place_scene(rng, [ANIMALS[animal]], place, place_seed=5, variant=0)
        pixels = pixels_of(encoder, scene)
        if judged(encoder, lead_of(animal), [pixels])[0] > 0:
            kept.append((pixels, scene.box(), lead_of(animal)))
    return kept


def mass_inside(cells, box):
    """Share of a map inside a box, cell by cell as far as they overlap."""
    edges = np.linspace(0, 1, len(cells) + 1)
    rows, columns = (
        np.clip(np.minimum(edges[1:], high) - np.maximum(edges[:-1], low), 0, None)
        for low, high in ((box[1], box[3]), (box[0], box[2]))
    )
    return float(rows @ cells @ columns / cells.sum() * len(cells) ** 2)


def edge_map(pixels):
    down = (pixels[:, 1:, :-1] - pixels[:, :-1, :-1]).abs()
    across = (pixels[:, :-1, 1:] - pixels[:, :-1, :-1]).abs()
    return torch.nn.functional.adaptive_avg_pool2d((down + across).sum(0)[None], 16)[0].numpy()


@pytest.mark.parametrize("kind", ["boards", "animals"])
def test_most_of_the_mass_lies_on_what_decides_and_edges_fail(encoder, kind, request):
    kept = request.getfixturevalue(kind)
    assert len(kept) >= 15
    ours, edges = [], []
    for pixels, box, lead in kept:
        preview = gradient_preview(encoder.visual, pixels[None], lead)
        ours.append(mass_inside(preview.maps[0], box))
        edges.append(mass_inside(edge_map(pixels), box))
    assert np.mean(ours) >= 0.8
    assert np.mean(np.array(ours) >= 0.6) >= (1.0 if kind == "boards" else 0.9)
    assert np.mean(edges) < 0.6
    assert np.mean(np.array(ours) > np.array(edges)) > 0.9
