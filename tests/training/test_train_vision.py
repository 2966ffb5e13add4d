"""The vision-only networks: training in miniature, and what the shipped ones can tell."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from vlmdiag_widgets.datasets.worlds.places import PLACES
from vlmdiag_widgets.encoders import load_encoder, unit
from vlmdiag_widgets.training.evaluate_vision import share
from vlmdiag_widgets.training.train_vision import (
    Settings,
    alike,
    contrastive_loss,
    grouped_order,
    learning_rate,
    train,
)
from vlmdiag_widgets.training.vision_scenes import (
    NOTHING,
    SPECIES,
    draw_new,
    new_picture,
    training_picture,
)
from vlmdiag_widgets.training.vision_views import as_floats, gentle_view, strong_view


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def fresh():
    return draw_new(300, seed=77)


def small(folder, name):
    out = folder / name.replace("@", "")
    return Settings(
        name=name, pictures=str(folder), out=str(out), minutes=0.01, images=64, batch=16,
        processes=1,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["demo-resnet@1", "demo-ssl@1", "demo-convnext@1"])
def test_a_tiny_run_writes_a_folder_that_loads_and_resumes_without_another_step(folder, name):
    settings = small(folder, name)
    train(settings)
    first = torch.load(folder / f"{name.replace('@', '')}.pt", weights_only=True)
    encoder = load_encoder(settings.out, device="cpu")
    assert encoder.encode_images([np.zeros((64, 64, 3), np.uint8)]).shape == (1, encoder.dim)
    assert (encoder.head is None) == (name == "demo-ssl@1")
    train(settings)
    again = torch.load(folder / f"{name.replace('@', '')}.pt", weights_only=True)
    assert again["step"] == first["step"] > 0
    card = json.loads((folder / name.replace("@", "") / "card.json").read_text())
    assert card["training"]["samples"] == card["training"]["steps"] * 16
    assert str(folder) not in json.dumps(card)


def test_pictures_are_the_same_each_time_and_never_shared_with_new_ones():
    assert training_picture(0, 5, 0) == training_picture(0, 5, 0)
    first, other = training_picture(0, 5, 0), new_picture(0, 5, 0)
    assert first.scene != other.scene
    assert other.scene.place_seed != getattr(first.scene, "place_seed", None)


def test_every_kind_of_picture_is_drawn_and_labelled():
    kinds = {(one.species == NOTHING, one.place == NOTHING)
             for one in (training_picture(0, i, 0) for i in range(200))}  # fmt: skip
    assert kinds == {(False, False), (True, False), (True, True)}
    one = new_picture(0, 0, 0)
    assert one.scene.figures[0].name == SPECIES[one.species]
    assert one.scene.place == PLACES[one.place]


def test_views_keep_their_range_and_differ(fresh):
    images = as_floats(torch.from_numpy(fresh.pixels[:16]))
    random = torch.Generator().manual_seed(0)
    for view, side in ((gentle_view, 64), (strong_view, 48)):
        first, second = view(images, random), view(images, random)
        assert first.shape == (16, 3, side, side)
        assert 0 <= float(first.min()) <= float(first.max()) <= 1
        assert not torch.equal(first, second)


def test_the_contrastive_loss_is_least_for_matching_views():
    torch.manual_seed(0)
    first = torch.randn(8, 16)
    matching = contrastive_loss(first, first + 0.01 * torch.randn(8, 16), 0.2)
    assert matching < contrastive_loss(first, first.roll(1, dims=0), 0.2)


def test_blocks_of_an_epoch_hold_pictures_that_look_alike_above():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 40, (40, 64, 64, 3), dtype=np.uint8)
    pixels[::2, :24] += 200
    pixels[::3, 24:] += 100  # what stands below does not count
    groups = alike(pixels, 2, seed=0)
    assert len(set(groups[::2])) == len(set(groups[1::2])) == 1
    assert groups[0] != groups[1]
    order = grouped_order(groups, 5, torch.Generator().manual_seed(0)).numpy()
    assert sorted(order) == list(range(40))
    assert (np.ptp(groups[order].reshape(-1, 5), axis=1) == 0).all()


def test_the_rate_warms_up_and_ends_at_zero():
    settings = Settings(name="demo-ssl@1", pictures="", out="")
    assert learning_rate(settings, 0, 0.0) < settings.rate / 50
    assert learning_rate(settings, 1000, 0.0) == pytest.approx(settings.rate)
    assert learning_rate(settings, 1000, 1.0) == pytest.approx(0, abs=1e-9)


def test_a_share_comes_with_its_interval():
    found = share([True] * 8 + [False] * 2)
    assert (found["share"], found["n"]) == (0.8, 10)
    assert found["interval"] == pytest.approx([0.49, 0.943], abs=2e-3)


@pytest.mark.parametrize("name", ["demo-resnet", "demo-convnext"])
def test_the_shipped_heads_name_animals_in_new_pictures(fresh, name):
    encoder = load_encoder(name, device="cpu")
    found = encoder.head.logits(encoder.encode_images(list(fresh.pixels))).argmax(axis=1)
    assert encoder.head.classes == SPECIES
    assert (found == fresh.labels[:, 0]).mean() >= 0.7


def test_the_self_supervised_network_puts_pictures_of_one_place_together(fresh):
    x = unit(load_encoder("demo-ssl", device="cpu").encode_images(list(fresh.pixels)))
    near = x @ x.T - 2 * np.eye(len(x))
    places = fresh.labels[:, 1]
    assert (places[near.argmax(axis=1)] == places).mean() > 0.4
