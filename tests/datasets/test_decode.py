"""Any image file becomes upright RGB, or a reason why not."""

from __future__ import annotations

import contextlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image

from vlmdiag_widgets.datasets import decode
from vlmdiag_widgets.datasets.decode import decode_image, to_uint8
from vlmdiag_widgets.datasets.source import BrokenImageError


def encoded(image: Image.Image, kind: str, **how) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **how)
    return buffer.getvalue()


def halves(mode: str, left, right, size=(40, 20)) -> Image.Image:
    image = Image.new(mode, size, left)
    image.paste(right, (size[0] // 2, 0, *size))
    return image


@pytest.mark.parametrize(
    ("image", "kind", "left", "right"),
    [
        (halves("RGB", (255, 0, 0), (0, 0, 255)), "PNG", (255, 0, 0), (0, 0, 255)),
        (halves("L", 0, 200), "PNG", (0, 0, 0), (200, 200, 200)),
        (halves("1", 0, 1), "PNG", (0, 0, 0), (255, 255, 255)),
        (halves("RGBA", (255, 0, 0, 255), (0, 0, 0, 0)), "PNG", (255, 0, 0), (255, 255, 255)),
        (halves("LA", (10, 255), (10, 0)), "PNG", (10, 10, 10), (255, 255, 255)),
        (halves("CMYK", (0, 0, 0, 0), (0, 0, 0, 255)), "TIFF", (255, 255, 255), (0, 0, 0)),
        (halves("RGB", (9, 9, 9), (90, 90, 90)).quantize(), "GIF", (9, 9, 9), (90, 90, 90)),
        (halves("I;16", 0, 65535), "PNG", (0, 0, 0), (255, 255, 255)),
        (halves("F", 0.0, 1.0), "TIFF", (0, 0, 0), (255, 255, 255)),
    ],
    ids=["rgb", "grey", "bits", "rgba", "grey+alpha", "cmyk", "palette", "16 bit", "float"],
)
def test_every_mode_becomes_rgb(image, kind, left, right):
    found = decode_image(encoded(image, kind))
    assert found.mode == "RGB"
    assert found.getpixel((2, 2)) == left
    assert found.getpixel((38, 2)) == right


def test_palette_with_transparency_goes_over_white():
    image = halves("RGB", (9, 9, 9), (90, 90, 90)).quantize()
    transparent = image.getpixel((0, 0))
    found = decode_image(encoded(image, "PNG", transparency=transparent))
    assert found.getpixel((2, 2)) == (255, 255, 255)
    assert found.getpixel((38, 2)) == (90, 90, 90)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_orientation_is_applied(kind, mode):
    image = halves("RGB", (255, 255, 255), (0, 0, 0)).convert(mode)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by a quarter clockwise
    found = decode_image(encoded(image, kind, exif=exif.tobytes()))
    assert found.size == (20, 40)
    assert found.getpixel((10, 3))[0] > 200
    assert found.getpixel((10, 36))[0] < 50


def test_an_animation_gives_its_first_frame():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert decode_image(data).getpixel((4, 4)) == (255, 0, 0)


def test_a_large_jpeg_is_decoded_coarsely_but_never_too_small(tmp_path: Path):
    path = tmp_path / "large.jpg"
    Image.effect_noise((1600, 1200), 50).convert("RGB").save(path)
    assert decode_image(path).size == (1600, 1200)
    small = decode_image(path, size=100)
    assert 200 <= min(small.size) < 400


def test_coarse_decoding_changes_the_network_input_by_little(tmp_path: Path):
    y, x = np.mgrid[0:900, 0:1200] / 900
    smooth = np.stack([x * 180, y * 255, 128 + 100 * np.sin(9 * x * y)], -1).clip(0, 255)
    path = tmp_path / "smooth.jpg"
    Image.fromarray(smooth.astype(np.uint8)).save(path, quality=92)
    full, coarse = (
        np.asarray(decode_image(path, size).resize((96, 72), Image.Resampling.BICUBIC), float)
        for size in (None, 72)
    )
    assert np.abs(full - coarse).mean() < 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not an image"),
        (b"plain text", "not an image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image"),
        (encoded(Image.new("RGB", (300, 300), "red"), "JPEG")[:400], "damaged"),
        (encoded(Image.effect_noise((90, 90), 90), "PNG")[:900], "damaged"),
    ],
    ids=["empty", "text", "postscript", "cut jpeg", "cut png"],
)
def test_a_bad_file_gives_a_reason(data, reason):
    with pytest.raises(BrokenImageError, match=reason):
        decode_image(data)


def test_a_missing_file_and_a_folder_give_a_reason(tmp_path: Path):
    with pytest.raises(BrokenImageError, match="does not exist"):
        decode_image(tmp_path / "none.png")
    with pytest.raises(BrokenImageError, match="folder"):
        decode_image(tmp_path)


def test_a_bomb_is_refused_but_a_huge_jpeg_is_reduced(monkeypatch: pytest.MonkeyPatch):
    picture = Image.new("RGB", (400, 400), "red")
    jpeg, png = encoded(picture, "JPEG"), encoded(picture, "PNG")
    monkeypatch.setattr(decode, "MAX_PIXELS", 20_000)
    assert decode_image(jpeg).size[0] <= 200
    with pytest.raises(BrokenImageError, match="pixels"):
        decode_image(png)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000)  # Pillow's own guard
    assert decode_image(jpeg, size=40).size == (100, 100)
    with pytest.raises(BrokenImageError, match="too large"):
        decode_image(png)


@given(st.binary(max_size=300))
def test_no_bytes_ever_raise_anything_else(data):
    with contextlib.suppress(BrokenImageError):
        assert decode_image(data).mode == "RGB"


@given(
    npst.arrays(
        st.sampled_from([np.uint8, np.uint16, np.int32, np.float32, np.float64, np.bool_]),
        npst.array_shapes(min_dims=2, max_dims=2, max_side=5),
    )
)
def test_numbers_of_any_type_become_bytes(values):
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        with pytest.raises(BrokenImageError):
            to_uint8(values)
        return
    found = to_uint8(values)
    assert found.dtype == np.uint8
    assert found.shape == values.shape
    order = np.argsort(values, axis=None, kind="stable")
    assert (np.diff(found.reshape(-1)[order].astype(int)) >= 0).all()
