"""What every encoder promises."""

from __future__ import annotations

import json
import threading

import numpy as np
import pytest
import torch
from PIL import Image

from vlmdiag_widgets._errors import DeviceError, InputError
from vlmdiag_widgets._progress import Cancelled
from vlmdiag_widgets.datasets import BrokenImageError, ImageDataset
from vlmdiag_widgets.encoders import Encoder, load_encoder, unit


def direct(encoder: Encoder, pictures) -> np.ndarray:
    """Return what open_clip itself gives, one picture at a time."""
    with torch.inference_mode():
        pixels = [encoder.preprocess(picture)[None] for picture in pictures]
        return np.concatenate([encoder._model.encode_image(p).numpy() for p in pixels])


def test_images_match_open_clip(tiny, pictures):
    found = tiny.encode_images(pictures)
    assert found.dtype == np.float32
    assert found.shape == (10, 24)
    assert np.allclose(found, direct(tiny, pictures), atol=1e-4)
    assert not np.allclose(np.linalg.norm(found, axis=1), 1)


def test_texts_match_open_clip(tiny):
    texts = ["bird", "a photo of " + "very " * 40 + "long text", "", "a photo of a bird"]
    tokens = tiny._tokenizer(texts)
    with torch.inference_mode():
        expected = tiny._model.encode_text(tokens).numpy()
    found = tiny.encode_texts(texts)
    assert found.dtype == np.float32
    assert np.allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_batches_do_not_change_the_vectors(tiny, pictures, batch_size):
    texts = [f"a photo of {'very ' * i}small bird" for i in range(7)]
    assert np.allclose(
        tiny.encode_images(pictures, batch_size), tiny.encode_images(pictures), atol=1e-4
    )
    assert np.allclose(tiny.encode_texts(texts, batch_size), tiny.encode_texts(texts), atol=1e-6)


def test_pictures_arrays_and_data_sets_are_the_same(tiny, pictures):
    expected = tiny.encode_images(pictures)
    assert np.array_equal(tiny.encode_images([Image.fromarray(p) for p in pictures]), expected)
    assert np.array_equal(tiny.encode_images(np.stack(pictures)), expected)
    assert np.array_equal(tiny.encode_images(ImageDataset.from_arrays(pictures)), expected)


def test_nothing_in_gives_nothing_out(tiny):
    assert tiny.encode_images([]).shape == (0, 24)
    assert tiny.encode_texts([]).shape == (0, 24)


def test_any_size_is_resized_and_cropped_as_open_clip_does(tiny):
    picture = Image.effect_noise((200, 90), 80).convert("RGB")
    assert np.allclose(tiny.encode_images([picture]), direct(tiny, [picture]), atol=1e-4)


@pytest.mark.parametrize("size", [(1, 1), (1, 60_000), (60_000, 2), (7, 4000)])
def test_strips_and_specks_cost_no_memory(tiny, size):
    rng = np.random.default_rng(0)
    strip = Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))
    found = tiny.encode_images([strip])
    assert np.isfinite(found).all()
    assert np.allclose(found, direct(tiny, [strip]), atol=1e-4)


def test_a_broken_image_is_nan_or_raised(tiny, pictures):
    data = ImageDataset.from_arrays([*pictures[:3], b"broken", pictures[3]])
    seen = []
    found = tiny.encode_images(data, batch_size=2, on_broken=lambda i, error: seen.append(i))
    assert seen == [3]
    assert np.isnan(found).all(axis=1).tolist() == [False, False, False, True, False]
    assert np.allclose(found[4], tiny.encode_images(pictures[3:4])[0], atol=1e-4)
    with pytest.raises(BrokenImageError):
        tiny.encode_images(data)


def test_progress_is_called_and_can_cancel(tiny, pictures):
    seen = []
    tiny.encode_images(pictures, batch_size=4, progress=lambda *at: seen.append(at))
    assert seen == [(4, 10), (8, 10), (10, 10)]
    seen.clear()
    tiny.encode_texts(["a", "b c", "d"], batch_size=2, progress=lambda *at: seen.append(at))
    assert seen == [(2, 3), (3, 3)]

    def cancel(done, total):
        raise Cancelled

    before = threading.active_count()
    with pytest.raises(Cancelled):
        tiny.encode_images(pictures * 20, batch_size=2, progress=cancel)
    with pytest.raises(Cancelled):
        tiny.encode_texts(["a"], progress=cancel)
    for thread in threading.enumerate():
        if thread.name.startswith("vlmdiag-read"):
            thread.join(10)
    assert threading.active_count() <= before


def test_running_out_of_memory_halves_the_batch(tiny, pictures, monkeypatch):
    expected = tiny.encode_images(pictures)
    sizes = []
    tower = tiny._fast_tower

    def small(pixels):
        sizes.append(len(pixels))
        if len(pixels) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return tower(pixels)

    monkeypatch.setitem(tiny.__dict__, "_fast_tower", small)
    found = tiny.encode_images(pictures, batch_size=10)
    assert sizes == [10, 5, 2, 2, 2, 2, 2]
    assert np.allclose(found, expected, atol=1e-4)


def test_no_memory_at_all_is_a_device_error(tiny, pictures, monkeypatch):
    def never(pixels):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate")

    monkeypatch.setitem(tiny.__dict__, "_fast_tower", never)
    with pytest.raises(DeviceError, match="out of memory"):
        tiny.encode_images(pictures, batch_size=4)


def test_other_errors_are_not_taken_for_memory(tiny, pictures, monkeypatch):
    def wrong(pixels):
        raise RuntimeError("shapes do not match")

    monkeypatch.setitem(tiny.__dict__, "_fast_tower", wrong)
    with pytest.raises(RuntimeError, match="shapes"):
        tiny.encode_images(pictures, batch_size=4)


def test_gradients_reach_the_pixels_and_never_the_weights(tiny, pictures):
    first = next(tiny.visual.parameters())
    first.requires_grad_(True)
    rest = [p.requires_grad for p in tiny.visual.parameters()]
    pixels = torch.stack([tiny.preprocess(p) for p in pictures[:2]]).requires_grad_(True)
    with torch.no_grad():  # a caller's own setting does not get in the way
        features = tiny.image_features(pixels)
    features.square().sum().backward()
    assert features.shape == (2, 24)
    assert pixels.grad.abs().sum() > 0
    assert first.grad is None
    assert [p.requires_grad for p in tiny.visual.parameters()] == rest
    assert np.allclose(features.detach(), tiny.encode_images(pictures[:2]), atol=1e-4)


def test_modes_are_restored_after_gradients(tiny, pictures):
    tiny.visual.train()
    try:
        tiny.image_features(tiny.preprocess(pictures[0])[None])
        assert tiny.visual.training
        assert tiny.visual.layer1.training
    finally:
        tiny.visual.eval()


def test_threads_do_not_disturb_each_other(tiny, pictures):
    texts = [f"a photo of {i} birds" for i in range(9)]
    images, words = tiny.encode_images(pictures, 3), tiny.encode_texts(texts, 4)
    failures = []

    def work():
        for _ in range(3):
            same = np.array_equal(tiny.encode_images(pictures, 3), images)
            if not (same and np.array_equal(tiny.encode_texts(texts, 4), words)):
                failures.append("different")

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_wrong_texts_are_explained(tiny):
    with pytest.raises(InputError, match=r"single text.*\[text\]"):
        tiny.encode_texts("a bird")
    with pytest.raises(InputError, match="None is no text"):
        tiny.encode_texts(["a", None])
    with pytest.raises(InputError, match="batch_size"):
        tiny.encode_texts(["a"], batch_size=0)
    with pytest.raises(InputError, match="batch_size"):
        tiny.encode_images([np.zeros((8, 8, 3), np.uint8)], batch_size=-1)


def test_the_key_follows_weights_and_settings(model_folder):
    def key():
        return load_encoder(str(model_folder)).key

    before = key()
    assert key() == before
    config_file = model_folder / "open_clip_config.json"
    config = json.loads(config_file.read_text())
    config["preprocess_cfg"]["mean"] = [0.4, 0.5, 0.5]
    config_file.write_text(json.dumps(config))
    other = key()
    assert other != before
    encoder = load_encoder(str(model_folder))
    with torch.no_grad():
        next(encoder.visual.parameters()).view(-1)[0] += 1e-3
    assert encoder.key != other


def test_another_tokenizer_is_another_encoder(model_folder):
    one, other = load_encoder(str(model_folder)), load_encoder(str(model_folder))
    tokenise = other._tokenizer
    other._tokenizer = lambda texts: tokenise([text.upper() + "!" for text in texts])
    assert one.key != other.key


def test_the_description_is_json(tiny):
    described = json.loads(json.dumps(tiny.describe()))
    assert described["dim"] == 24
    assert described["device"] == "cpu"
    assert "tiny" in repr(tiny)


def test_a_vit_from_open_clip_runs(pictures):
    config = {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32, "layers": 2, "width": 64, "patch_size": 8},
        "text_cfg": {"context_length": 77, "width": 32, "heads": 2, "layers": 2},
    }
    encoder = load_encoder("vit", "random", config=config)
    assert np.allclose(encoder.encode_images(pictures), direct(encoder, pictures), atol=1e-5)


def test_unit_vectors():
    x = unit(np.array([[3.0, 4.0], [0.0, 0.0], [np.nan, 1.0]]))
    assert x.dtype == np.float32
    assert np.allclose(x[0], [0.6, 0.8])
    assert (x[1] == 0).all()
    assert np.isnan(x[2]).all()
    assert np.allclose(unit(np.array([0.0, 2.0])), [0, 1])
