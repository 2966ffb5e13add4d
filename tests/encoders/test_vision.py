"""Networks that see images only: the image side of an encoder, and no texts."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import timm
import torch
from safetensors.torch import load_file, save_file

import vlmdiag_widgets as vd
from vlmdiag_widgets._errors import InputError, WeightsError
from vlmdiag_widgets._progress import Cancelled
from vlmdiag_widgets.embeddings import EmbeddingStore
from vlmdiag_widgets.encoders import VisionEncoder, load_encoder, vision
from vlmdiag_widgets.encoders.names import VISION_NAMES

NAMES = ("demo-resnet", "demo-ssl", "demo-convnext")
DIMS = {"demo-resnet": 256, "demo-ssl": 256, "demo-convnext": 192}


@pytest.fixture(scope="module")
def encoders():
    return {name: load_encoder(name, device="cpu") for name in NAMES}


@pytest.fixture
def broken_folder(monkeypatch, tmp_path):
    """Return a copy of the self-supervised network's folder that its name leads to."""
    folder = tmp_path / "demo-ssl1"
    shutil.copytree(vision.vision_folder("demo-ssl"), folder)
    monkeypatch.setattr(vision.resources, "files", lambda _: _Files(tmp_path))
    return folder


class _Files:
    def __init__(self, root):
        self.root = root

    def __truediv__(self, part):
        return self if part == "assets" else self.root / part


@pytest.mark.parametrize("name", NAMES)
def test_it_gives_unnormalised_float32_rows(encoders, pictures, name):
    encoder = encoders[name]
    x = encoder.encode_images(pictures)
    assert isinstance(encoder, VisionEncoder)
    assert (encoder.name, encoder.pretrained) == (f"{name}@1", "embedded")
    assert (x.shape, x.dtype) == ((10, DIMS[name]), np.float32)
    assert encoder.dim == DIMS[name]
    assert np.isfinite(x).all()
    assert not np.allclose(np.linalg.norm(x, axis=1), 1, atol=0.05)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_pictures_give_the_same_rows_in_any_batch(encoders, pictures, name):
    again = load_encoder(VISION_NAMES[name], device="cpu")
    x = encoders[name].encode_images(pictures)
    assert np.array_equal(x, again.encode_images(pictures))
    assert np.allclose(x, again.encode_images(pictures, batch_size=3), atol=1e-4)


@pytest.mark.parametrize("name", ["demo-resnet", "demo-convnext"])
def test_rows_and_head_are_those_of_the_timm_network(encoders, pictures, name):
    folder = vision.vision_folder(name)
    sizes = json.loads((folder / "vision_config.json").read_text())["architecture"]
    kind = sizes.pop("kind")
    network = (
        timm.models.ResNet(timm.models.resnet.BasicBlock, num_classes=59, **sizes)
        if kind == "resnet"
        else timm.models.ConvNeXt(num_classes=59, **sizes)
    )
    network.load_state_dict(load_file(folder / "model.safetensors"))
    pixels = torch.stack([encoders[name].preprocess(picture) for picture in pictures])
    with torch.inference_mode():
        expected = network.eval()(pixels).numpy()
    found = encoders[name].head.logits(encoders[name].encode_images(pictures))
    assert np.allclose(found, expected, atol=1e-3)


def test_a_head_names_its_classes_where_there_was_one(encoders):
    for name in ("demo-resnet", "demo-convnext"):
        head = encoders[name].head
        assert head.weight.shape == (len(head.classes), DIMS[name])
        assert head.bias.shape == (len(head.classes),)
        assert {"mallard", "camel", "black swan"} <= set(head.classes)
    assert encoders["demo-ssl"].head is None


def test_keys_tell_networks_and_precisions_apart(encoders):
    keys = {encoder.key for encoder in encoders.values()}
    keys.add(load_encoder("demo-ssl", device="cpu", precision="bf16").key)
    assert len(keys) == 4
    assert encoders["demo-ssl"].key == load_encoder("demo-ssl", device="cpu").key


@pytest.mark.parametrize("ask", ["encode_texts", "text_batches"])
def test_texts_are_refused_at_once(encoders, ask):
    with pytest.raises(InputError, match="demo-ssl@1 sees images only") as caught:
        getattr(encoders["demo-ssl"], ask)(["a photo of a bird"])
    assert "load_encoder" in caught.value.hint
    with pytest.raises(InputError, match="images only"):
        _ = encoders["demo-ssl"].logit_scale


@pytest.mark.parametrize("classifier", ["probe", "zero-shot"])
def test_an_audit_refuses_it_when_it_is_made(encoders, classifier):
    data = vd.load_dataset("waterbirds", n=40)
    with pytest.raises(InputError, match="demo-resnet@1 sees images only"):
        vd.Audit(encoders["demo-resnet"], data, classifier=classifier, store=False)


def test_the_store_keeps_its_vectors(encoders, tmp_path):
    data = vd.load_dataset("waterbirds", n=24)
    store, encoder = EmbeddingStore(tmp_path), encoders["demo-ssl"]
    x = store.images(encoder, data)
    assert np.allclose(x, encoder.encode_images(data), atol=1e-4)
    calls = []
    again = EmbeddingStore(tmp_path).images(encoder, data, progress=lambda *at: calls.append(at))
    assert np.array_equal(again, x)
    assert all(done in (total, 0) for done, total in calls)
    with pytest.raises(InputError, match="images only"):
        store.texts(encoder, ["a bird"])


def test_a_broken_picture_and_a_cancelled_run_are_as_with_any_encoder(encoders, pictures):
    class Broken(list):
        def __getitem__(self, row):
            if row == 2:
                raise OSError("no picture")
            return super().__getitem__(row)

    seen = []
    x = encoders["demo-ssl"].encode_images(
        Broken(pictures), on_broken=lambda row, _: seen.append(row)
    )
    assert seen == [2]
    assert np.isnan(x[2]).all()
    assert np.isfinite(np.delete(x, 2, axis=0)).all()

    def cancel(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        encoders["demo-ssl"].encode_images(pictures, progress=cancel)


def test_gradients_reach_the_pixels(encoders, pictures):
    encoder = encoders["demo-resnet"]
    pixels = encoder.preprocess(pictures[0])[None].requires_grad_()
    encoder.image_features(pixels).sum().backward()
    assert float(pixels.grad.abs().sum()) > 0


def test_what_is_recorded_is_plain(encoders):
    for encoder in encoders.values():
        record = json.loads(json.dumps(encoder.describe()))
        assert record["reads_texts"] is False
        assert record["parameters"] > 100_000
        assert repr(encoder).startswith(f"VisionEncoder('{encoder.name}'")


def test_a_misspelt_name_is_answered_with_near_ones():
    with pytest.raises(InputError, match="demo-resnet"):
        load_encoder("demo-resnt")
    with pytest.raises(InputError, match="carries its own weights"):
        load_encoder("demo-ssl", "openai")


@pytest.mark.parametrize("file", ["vision_config.json", "model.safetensors"])
@pytest.mark.parametrize("damage", ["missing", "cut", "noise", "empty"])
def test_damaged_files_ask_for_another_installation(broken_folder, file, damage):
    path = broken_folder / file
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        left = {"cut": content[: len(content) // 2], "noise": b"\x80\x02" * 500, "empty": b""}
        path.write_bytes(left[damage])
    with pytest.raises(WeightsError, match="demo-ssl@1") as caught:
        load_encoder("demo-ssl")
    assert caught.value.hint == "Install vlmdiag_widgets again."


def test_weights_of_another_network_are_refused(broken_folder):
    other = vision.vision_folder("demo-ssl").parent / "demo-ssl1" / "model.safetensors"
    weights = load_file(other)
    weights.pop("conv1.0.weight")
    save_file(weights, other)
    with pytest.raises(WeightsError, match="missing or damaged"):
        load_encoder("demo-ssl")


def test_a_folder_of_ones_own_is_loaded_too(tmp_path, pictures):
    folder = tmp_path / "mine"
    shutil.copytree(vision.vision_folder("demo-ssl"), folder)
    mine = load_encoder(str(folder), device="cpu")
    assert (mine.name, mine.pretrained) == ("mine", str(folder))
    assert np.array_equal(
        mine.encode_images(pictures),
        load_encoder("demo-ssl", device="cpu").encode_images(pictures),
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_folder_is_small_and_holds_no_code(name):
    folder = vision.vision_folder(name)
    files = {path.name: path.stat().st_size for path in folder.iterdir()}
    assert set(files) == {"vision_config.json", "model.safetensors", "card.json"}
    assert sum(files.values()) <= 3_000_000


@pytest.mark.parametrize("name", NAMES)
def test_each_card_says_what_was_measured(name):
    card = json.loads((vision.vision_folder(name) / "card.json").read_text())
    assert {"name", "data", "training", "measured", "limits"} <= set(card)
    assert card["name"] == f"{name}@1"
    assert card["training"]["samples"] > 0
    found = card["measured"]["features"]
    probes = {
        kind: found[kind]["species"]["linear_probe"] for kind in ("trained", "random_weights")
    }
    assert probes["trained"]["interval"][0] > probes["random_weights"]["interval"][1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"architecture": 5},
        {"architecture": {"kind": "resnet", "layers": [1]}},
        {"classes": 3},
        {"embed_dim": "x"},
        {"preprocess_cfg": None},
        {"preprocess_cfg": {}},
    ],
)
def test_a_config_of_the_wrong_kind_is_damaged(wrong, tmp_path):
    config = json.loads((vision.vision_folder("demo-resnet") / "vision_config.json").read_text())
    (tmp_path / "vision_config.json").write_text(json.dumps({**config, **wrong}))
    with pytest.raises(WeightsError, match="damaged"):
        load_encoder(str(tmp_path))
