"""One way in for every encoder, and errors that say the way out."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch

import vlmdiag_widgets
from vlmdiag_widgets._errors import DeviceError, InputError, WeightsError
from vlmdiag_widgets.datasets import load_dataset
from vlmdiag_widgets.encoders import download, load_encoder

TEXTS = ["a photo of a bird", "the photo"]


@pytest.mark.parametrize("name", ["demo", "demo@1", "demo-vit", "demo-vit@1"])
def test_the_demos_need_no_network(name):
    encoder = load_encoder(name)
    full = name if "@" in name else f"{name}@1"
    assert (encoder.name, encoder.pretrained) == (full, "embedded")
    assert (encoder.dim, encoder.image_size, encoder.precision) == (256, 64, "fp32")
    assert encoder.encode_texts(TEXTS).shape == (2, 256)
    assert "bird" in encoder.vocabulary
    assert 1 < encoder.logit_scale < 101
    assert encoder.logit_bias is None


def test_the_two_demos_are_told_apart():
    assert load_encoder("demo").key != load_encoder("demo-vit").key


def test_a_former_demo_is_refused_with_the_present_one():
    with pytest.raises(InputError, match="demo@0") as caught:
        load_encoder("demo@0")
    assert "demo@1" in str(caught.value)


@pytest.mark.parametrize("name", ["demo", "demo-vit"])
def test_open_clips_own_loader_reads_a_demo(name):
    """The same loading path as any other open_clip folder."""
    encoder = load_encoder(name)
    folder = Path(vlmdiag_widgets.__file__).parent / "assets" / encoder.name.replace("@", "")
    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    model.eval()
    picture = load_dataset("animals", n=9).open(0, 64)
    with torch.inference_mode():
        theirs = model.encode_image(preprocess(picture)[None])[0].numpy()
        said = model.encode_text(open_clip.get_tokenizer(f"local-dir:{folder}")(TEXTS)).numpy()
    assert np.allclose(encoder.encode_images([picture])[0], theirs, atol=2e-2)
    assert np.allclose(encoder.encode_texts(TEXTS), said, atol=1e-3)


def test_a_folder_with_config_and_weights(model_folder: Path, tiny):
    encoder = load_encoder(str(model_folder))
    assert encoder.name == "tiny-clip"
    assert np.array_equal(encoder.encode_texts(TEXTS), tiny.encode_texts(TEXTS))
    assert encoder.unknown_words("a photo of the blue bird") == ["blue"]
    assert load_encoder(f"local-dir:{model_folder}").key == encoder.key


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".bin"])
def test_a_config_file_and_a_checkpoint_elsewhere(model_folder: Path, tiny, tmp_path, suffix):
    checkpoint = tmp_path / f"elsewhere{suffix}"
    prefixed = {f"module.{k}": v for k, v in tiny._model.state_dict().items()}
    torch.save({"epoch": 3, "state_dict": prefixed}, checkpoint)
    encoder = load_encoder("mine", checkpoint, config=model_folder / "open_clip_config.json")
    assert (encoder.name, encoder.pretrained) == ("mine", str(checkpoint))
    assert np.array_equal(encoder.encode_texts(TEXTS), tiny.encode_texts(TEXTS))


def test_preprocessing_comes_from_the_config(model_folder: Path):
    encoder = load_encoder(str(model_folder))
    white = encoder.preprocess(np.full((64, 64, 3), 255, np.uint8))
    assert white.shape == (3, 64, 64)
    assert torch.equal(white, torch.ones(3, 64, 64))


def test_an_open_clip_model_with_a_local_checkpoint(tmp_path: Path):
    name = "RN50"
    torch.manual_seed(1)
    model = open_clip.create_model(name)
    path = tmp_path / "weights.pt"
    torch.save(model.state_dict(), path)
    encoder = load_encoder(name, str(path))
    tokens = open_clip.get_tokenizer(name)(TEXTS)
    with torch.inference_mode():
        expected = model.eval().encode_text(tokens).numpy()
    assert np.allclose(encoder.encode_texts(TEXTS), expected, atol=1e-5)
    assert encoder.vocabulary is None
    assert encoder.unknown_words("anything goes") == []


def test_names_do_not_leak_into_open_clip(model_folder: Path):
    before = open_clip.list_models()
    load_encoder(str(model_folder))
    load_encoder("ViT-B-32-mine", "random", config=model_folder / "open_clip_config.json")
    assert open_clip.list_models() == before


def test_random_weights_are_the_same_each_time(model_folder: Path):
    config = model_folder / "open_clip_config.json"
    state = torch.get_rng_state()
    first, second = (load_encoder("r", "random", config=config) for _ in range(2))
    assert first.key == second.key
    assert torch.equal(torch.get_rng_state(), state)


def test_a_known_tag_is_taken_from_the_cache(monkeypatch, tmp_path: Path):
    torch.manual_seed(2)
    path = tmp_path / "cached.pt"
    torch.save(open_clip.create_model("RN50").state_dict(), path)
    monkeypatch.setattr(download, "_cached", lambda published, place: path)
    encoder = load_encoder("RN50", "openai")
    assert encoder.pretrained == "openai"
    # These weights were trained with QuickGELU, which the plain name leaves out.
    assert encoder._config["quick_gelu"]


@pytest.mark.parametrize(
    ("name", "pretrained", "message"),
    [
        ("VitB32", None, "Nearest: .*ViT-B-32"),
        ("dmo", None, "Nearest: .*demo"),
        ("", None, "empty"),
        ("ViT-B-32", "laion2b", "no tag of the model.*laion2b_s34b_b79k"),
        ("ViT-B-32", "/no/such/file.pt", "no file and no tag"),
        ("ViT-B-32", None, "No weights were named.*openai"),
        ("demo", "openai", "carries its own weights"),
        ("local-dir:/no/such/folder", None, "does not exist"),
    ],
)
def test_unknown_names_offer_the_nearest(name, pretrained, message):
    with pytest.raises(InputError, match=message):
        load_encoder(name, pretrained)


def test_without_a_network_the_way_out_is_named():
    with pytest.raises(WeightsError) as caught:
        load_encoder("ViT-B-32", "laion2b_s34b_b79k")
    text = str(caught.value)
    assert "open_clip_model.safetensors" in text
    assert "laion/CLIP-ViT-B-32-laion2B-s34B-b79K" in text
    assert "pretrained=" in text
    assert "demo" in text
    with pytest.raises(WeightsError, match="folder's path"):
        load_encoder("hf-hub:laion/CLIP-ViT-B-32-laion2B-s34B-b79K")


def test_every_published_tag_can_be_named_in_an_error():
    for model, tag in open_clip.list_pretrained():
        published = open_clip.get_pretrained_cfg(model, tag)
        assert "get " in download._offline(model, tag, published).hint


def test_an_unreachable_hub_is_found_out_quickly(monkeypatch):
    def refuse(address, timeout):
        raise OSError("no route")

    monkeypatch.setattr(download.huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(download.socket, "create_connection", refuse)
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert not download.is_reachable()
    monkeypatch.setenv("HTTPS_PROXY", "proxy.invalid:3128")
    assert download.is_reachable()


class Evil:
    def __reduce__(self):
        return (print, ("code ran",))


def test_a_checkpoint_with_code_is_refused(model_folder: Path, tmp_path: Path, capsys):
    config = model_folder / "open_clip_config.json"
    bad = tmp_path / "bad.pt"
    torch.save({"state_dict": {"x": Evil()}}, bad)
    with pytest.raises(WeightsError, match="more than tensors"):
        load_encoder("mine", bad, config=config)
    bad.write_bytes(pickle.dumps(Evil()))
    with pytest.raises(WeightsError):
        load_encoder("mine", bad, config=config)
    assert "code ran" not in capsys.readouterr().out


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
@pytest.mark.parametrize("content", [b"", b"nothing at all, but long enough to be read"])
def test_a_damaged_checkpoint_is_explained(model_folder: Path, tmp_path, suffix, content):
    bad = tmp_path / f"bad{suffix}"
    bad.write_bytes(content)
    with pytest.raises(WeightsError, match="again"):
        load_encoder("mine", bad, config=model_folder / "open_clip_config.json")


def test_a_cut_checkpoint_is_explained(model_folder: Path):
    weights = model_folder / "open_clip_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(WeightsError, match="again"):
        load_encoder(str(model_folder))


def test_weights_of_another_model_do_not_fit(model_folder: Path):
    weights = model_folder / "open_clip_model.safetensors"
    with pytest.raises(WeightsError, match="does not fit the model 'RN50'"):
        load_encoder("RN50", weights)


def test_a_folder_without_weights(model_folder: Path):
    (model_folder / "open_clip_model.safetensors").unlink()
    with pytest.raises(WeightsError, match="no weights"):
        load_encoder(str(model_folder))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "no JSON"),
        ("[]", "no 'embed_dim'"),
        (json.dumps({"embed_dim": 8, "vision_cfg": {}}), "no 'text_cfg'"),
        (
            json.dumps({"embed_dim": 8, "vision_cfg": {"nonsense": 1}, "text_cfg": {}}),
            "cannot build",
        ),
    ],
)
def test_a_bad_config_is_explained(tmp_path: Path, config, message):
    path = tmp_path / "config.json"
    path.write_text(config)
    with pytest.raises(InputError, match=message):
        load_encoder("mine", "random", config=path)


def test_a_config_without_checkpoint(model_folder: Path, tmp_path: Path):
    config = model_folder / "open_clip_config.json"
    with pytest.raises(InputError, match="is no file"):
        load_encoder("mine", config=config)
    with pytest.raises(InputError, match="cannot be read"):
        load_encoder("mine", "random", config=tmp_path / "none.json")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize("device", ["cuda", "cuda:1"])
def test_an_absent_gpu_is_a_device_error(device):
    with pytest.raises(DeviceError, match=r"no CUDA GPU.*device='cpu'"):
        load_encoder("demo", device=device)


def test_gpus_are_counted(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(DeviceError, match="there are 1 GPUs"):
        load_encoder("demo", device="cuda:3")


@pytest.mark.parametrize(
    "how", [{"device": "gpu"}, {"device": "meta"}, {"precision": "fp8"}, {"precision": "fp16"}]
)
def test_bad_device_or_precision(how):
    with pytest.raises(InputError):
        load_encoder("demo", **{"device": "cpu", **how})
