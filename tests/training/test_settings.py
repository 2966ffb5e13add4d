"""Recipes: both encoders have one; what cannot be trained with is refused by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.training.settings import (
    RECIPES,
    for_this_machine,
    recipe,
    refuse_other,
)


@pytest.mark.parametrize(
    ("name", "architecture", "folder"),
    [("demo@1", "resnet", "demo1"), ("demo-vit", "vit", "demo-vit1")],
)
def test_a_recipe_knows_its_architecture_and_its_folder(tmp_path, name, architecture, folder):
    settings = recipe(name, tmp_path)
    assert settings.architecture == architecture
    assert Path(settings.out).name == folder
    assert Path(settings.out).parent.name == "assets"


def test_runs_of_two_encoders_share_scenes_and_nothing_else(tmp_path):
    first, second = (recipe(name, tmp_path) for name in RECIPES)
    assert first.corpus == second.corpus
    assert first.images == second.images
    assert first.run != second.run


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"architecture": "rnn"}, "'rnn' is not known"),
        ({"minutes": 0}, "minutes=0 is too small"),
        ({"max_steps": 0}, "max_steps=0 is too small"),
        ({"batch": 1}, "batch=1 is too small"),
        ({"images": 10}, "do not fill a batch"),
        ({"colour": 1}, "no setting colour"),
        ({"patch_dropout": 1.0}, "no share below 1"),
    ],
)
def test_what_cannot_be_trained_with_is_refused(tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        recipe("demo@1", tmp_path, **changes)


def test_an_unknown_encoder_is_told_the_nearest(tmp_path):
    with pytest.raises(InputError, match="demo-vit@1"):
        recipe("demo-vitt", tmp_path)


def test_a_difference_to_the_saved_run_is_named(tmp_path):
    settings = recipe("demo@1", tmp_path)
    refuse_other(replace(settings, out="elsewhere"), settings.told(), settings.run)
    with pytest.raises(InputError, match=r"rate was 0\.002, now 0\.1"):
        refuse_other(replace(settings, rate=0.1), settings.told(), settings.run)


def test_a_cuda_device_takes_one_process_and_large_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    found = for_this_machine(recipe("demo@1", tmp_path))
    assert (found.device, found.processes, found.batch) == ("cuda", 1, 1024)
    assert for_this_machine(recipe("demo@1", tmp_path, device="cpu")).processes == 2


def test_a_cuda_device_that_is_not_there_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="no CUDA device"):
        for_this_machine(recipe("demo@1", tmp_path, device="cuda"))
    assert for_this_machine(recipe("demo@1", tmp_path)).device == "cpu"
