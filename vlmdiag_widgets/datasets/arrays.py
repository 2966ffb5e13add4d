"""Images already in memory: NumPy arrays, tensors, Pillow images, or encoded bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageOps

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.decode import decode_image, to_rgb, to_uint8
from vlmdiag_widgets.datasets.source import BrokenImageError, content_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CHANNELS = (1, 3, 4)


class ArraySource:
    """Images in memory, one an item: array, tensor, Pillow image or encoded bytes.

    Arrays are (H, W), (H, W, C) or (C, H, W) with one, three or four channels.
    """

    def __init__(self, images: Sequence[Any]) -> None:
        self._images = images

    def __len__(self) -> int:
        return len(self._images)

    def open(self, row: int, size: int | None = None) -> Image.Image:
        """Return item `row` as RGB."""
        item = self._images[row]
        if isinstance(item, bytes):
            return decode_image(item, size)
        if isinstance(item, Image.Image):
            return _from_pillow(item)
        return to_rgb(Image.fromarray(channels_last(as_array(item))))

    def key(self, row: int, size: int | None = None) -> bytes:  # noqa: ARG002
        """Return the digest of item `row`."""
        item = self._images[row]
        if isinstance(item, bytes):
            return content_key(b"file", item)
        if isinstance(item, Image.Image):
            image = _from_pillow(item)
            return content_key(b"pixels", repr(image.size).encode(), image.tobytes())
        array = as_array(item)
        head = f"{array.dtype.str}{array.shape}".encode()
        return content_key(b"array", head, np.ascontiguousarray(array).tobytes())


def _from_pillow(image: Image.Image) -> Image.Image:
    try:
        return to_rgb(ImageOps.exif_transpose(image))
    except (OSError, ValueError) as error:
        raise BrokenImageError(f"The image is damaged ({error}).") from error


def as_array(item: Any) -> NDArray[np.generic]:
    """Return an array for anything NumPy understands; tensors come off their device."""
    if hasattr(item, "detach"):
        item = item.detach().cpu()
    return np.asarray(item)


def channels_last(array: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Return (H, W) or (H, W, 3|4) bytes from any accepted array layout.

    Raises
    ------
    BrokenImageError
        The shape is no image, or the values are not numbers.
    """
    if array.dtype.kind not in "buif":
        raise BrokenImageError(f"An array of {array.dtype} holds no pixel values.")
    if array.ndim == 3 and array.shape[0] in _CHANNELS and array.shape[-1] not in _CHANNELS:
        array = np.moveaxis(array, 0, -1)
    if array.ndim == 3 and array.shape[-1] == 1:
        array = array[..., 0]
    if array.ndim != 2 and not (array.ndim == 3 and array.shape[-1] in _CHANNELS):
        raise BrokenImageError(
            f"An array of shape {array.shape} is no image; expected (H, W), (H, W, C) or (C, H, W)."
        )
    if 0 in array.shape:
        raise BrokenImageError(f"An image of shape {array.shape} has no pixels.")
    return np.ascontiguousarray(to_uint8(array))


def read_arrays(images: Any, about: dict[str, Any]) -> dict[str, Any]:
    """Return `ImageDataset` arguments for images in memory.

    Parameters
    ----------
    images : array (n, H, W[, C]), tensor, or sequence
        Arrays, tensors, Pillow images or encoded bytes.
    about : dict
        Anything else `ImageDataset` takes: labels, attributes, split, ...

    Raises
    ------
    InputError
        `images` is no sequence of images, such as a single picture.
    """
    if isinstance(images, Image.Image | bytes | str) or not hasattr(images, "__len__"):
        raise InputError(
            f"images is a single {type(images).__name__}, expected several images.",
            "Give a list of images or an array (n, height, width, 3).",
        )
    if getattr(images, "ndim", 4) < 3:
        raise InputError(
            f"images has shape {tuple(images.shape)}, expected (n, height, width, channels).",
            "For one image, give [image].",
        )
    provenance = {"made_from": "arrays", **about.pop("provenance", {})}
    return {"source": ArraySource(images), "name": "arrays", **about, "provenance": provenance}
