"""What a user brings, a checkpoint and a folder of pictures, drives the whole dashboard."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

import vlmdiag_widgets as vd
from tests.acceptance.views import all_views, ask, settled
from vlmdiag_widgets.embeddings import EmbeddingStore
from vlmdiag_widgets.widgets import Dashboard

SMALL = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8},
    "text_cfg": {"context_length": 32, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
}
RESULTS = (
    "texts", "text_embeddings", "image_embeddings", "image_predictions", "text_predictions",
    "slices", "trust", "influence", "projection", "directions",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder of 500 noisy pictures, red ones and blue ones."""
    root = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for name, colour in (("blue", (60, 60, 190)), ("red", (190, 60, 60))):
        (root / name).mkdir()
        for i in range(250):
            noise = rng.normal(scale=70, size=(40, 40, 3))
            pixels = np.clip(noise + colour, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(root / name / f"{i:03d}.png", compress_level=1)
    return root


@pytest.fixture
def disk():
    """Return a folder that is gone after the test: checkpoints are large."""
    place = Path(tempfile.mkdtemp(prefix="vlmdiag-weights-"))
    yield place
    shutil.rmtree(place)


def assert_whole_dashboard(encoder, folder):
    data = vd.ImageDataset.from_folder(folder)
    assert len(data) == 500
    audit = vd.Audit(
        encoder,
        data,
        attributes={"colour": ["red", "blue"], "place": ["sea", "forest"]},
        templates=["a photo of a [{colour}|coloured] thing[ in the {place}]."],
        store=EmbeddingStore(folder.parent / f"store-{encoder.key[:8]}"),
    )
    board = Dashboard(audit)
    values = {name: audit.result(name) for name in RESULTS}
    assert values["image_embeddings"].shape == (500, encoder.dim)
    assert np.isfinite(values["image_embeddings"]).all()
    assert len(values["texts"]) == 9
    row = int(values["image_predictions"]["row"].iloc[0])
    audit.edit(focus=row)
    saliency = audit.saliency()
    assert saliency.row == row
    assert saliency.map.min() >= 0
    assert min(saliency.map.shape) >= 4
    assert {state["phase"] for state in settled(board).values()} == {"ready"}
    assert all(view.data for view in all_views(board))
    reply, pictures = ask(board.extremes, "thumbnails", rows=[row, 0, 499], size=64)
    assert reply["ok"], reply
    assert reply["payload"]["rows"] == [row, 0, 499]
    assert all(len(picture) > 100 for picture in pictures)
    board.close()


@pytest.mark.slow
def test_a_vit_b_32_checkpoint_over_a_folder_of_500_images(folder, disk):
    torch.manual_seed(1)
    model = open_clip.create_model("ViT-B-32", pretrained=None)
    weights = {name: value.contiguous() for name, value in model.state_dict().items()}
    save_file(weights, disk / "mine.safetensors")
    del model, weights
    encoder = vd.load_encoder("ViT-B-32", pretrained=disk / "mine.safetensors")
    assert (encoder.dim, encoder.image_size) == (512, 224)
    assert_whole_dashboard(encoder, folder)


def test_a_checkpoint_with_a_config_of_its_own(folder, disk):
    maker = vd.load_encoder("maker", "random", config={"model_cfg": SMALL})
    (disk / "config.json").write_text(json.dumps({"model_cfg": SMALL, "preprocess_cfg": {}}))
    torch.save(maker._model.state_dict(), disk / "mine.pt")
    encoder = vd.load_encoder("mine", pretrained=disk / "mine.pt", config=disk / "config.json")
    assert encoder.name == "mine"
    assert encoder.dim == 24
    assert_whole_dashboard(encoder, folder)
