"""Images in memory."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets import BrokenImageError, ImageDataset


def pixels(data: ImageDataset, row: int) -> np.ndarray:
    return np.asarray(data[row])


@pytest.fixture
def colours() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (3, 8, 10, 3), dtype=np.uint8)


def test_bytes_are_kept_exactly(colours):
    data = ImageDataset.from_arrays(colours)
    assert len(data) == 3
    assert np.array_equal(pixels(data, 1), colours[1])


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x / 255,
        lambda x: (x / 255).astype(np.float32),
        lambda x: x.astype(np.uint16) * 257,
        lambda x: x.transpose(0, 3, 1, 2),
        lambda x: torch.from_numpy(x).permute(0, 3, 1, 2),
        lambda x: [Image.fromarray(item) for item in x],
        list,
    ],
    ids=["float64", "float32", "uint16", "channels first", "tensor", "pillow", "list"],
)
def test_all_layouts_give_the_same_pixels(colours, change):
    data = ImageDataset.from_arrays(change(colours))
    assert np.array_equal(pixels(data, 2), colours[2])


def test_grey_alpha_and_encoded_images(colours):
    buffer = BytesIO()
    Image.fromarray(colours[0]).save(buffer, "PNG")
    grey, clear = colours[0, :, :, 0], np.dstack([colours[0], np.zeros((8, 10), np.uint8)])
    data = ImageDataset.from_arrays([grey, grey[..., None], clear, buffer.getvalue()])
    assert np.array_equal(pixels(data, 0)[..., 1], grey)
    assert np.array_equal(pixels(data, 1), pixels(data, 0))
    assert (pixels(data, 2) == 255).all()
    assert np.array_equal(pixels(data, 3), colours[0])


def test_keys_follow_the_content(colours):
    data = ImageDataset.from_arrays([colours[0], colours[0].copy(), colours[1], colours[0] / 255])
    keys = [data.key(i) for i in range(4)]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    assert all(len(key) == 16 for key in keys)


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((5, 6, 7)),
        np.zeros((0, 4, 3)),
        np.zeros(5),
        np.full((4, 4), np.nan),
        np.array([["a", "b"]]),
        b"no image",
    ],
    ids=["channels", "no pixels", "flat", "nan", "text", "bytes"],
)
def test_a_bad_item_is_listed(colours, bad):
    data = ImageDataset.from_arrays([colours[0], bad])
    with pytest.raises(BrokenImageError):
        data[1]
    assert data.broken["row"].tolist() == [1]
    assert data[0].size == (10, 8)


@pytest.mark.parametrize("single", [np.zeros((8, 8)), Image.new("RGB", (4, 4)), "a.png", 3])
def test_a_single_image_is_no_data_set(single):
    with pytest.raises(InputError, match="expected"):
        ImageDataset.from_arrays(single)


def test_no_images():
    with pytest.raises(InputError, match="no images"):
        ImageDataset.from_arrays([])
