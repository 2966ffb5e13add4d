"""Images → pixel tensors: open_clip's own geometry, in threads, normalised by batch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import open_clip
import torch
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Called with the position of an image that cannot be read, and why.
OnBroken = Callable[[int, Exception], None]

# Longest side over shortest from which a picture counts as a strip.
_STRIP = 16

_READERS = max(2, min(8, os.cpu_count() or 2))


class Preprocess:
    """What stands between a picture and the network, as the model's config says.

    The resize and crop are open_clip's; the conversion to floats is done for a whole
    batch at once, on the device, with the same operations in the same order.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        known = open_clip.transform.PreprocessCfg
        fields = {k: v for k, v in config.items() if k in known.__dataclass_fields__}
        self._whole = open_clip.transform.image_transform_v2(known(**fields), is_train=False)
        steps = self._whole.transforms
        cut = next(i for i, s in enumerate(steps) if type(s).__name__ == "MaybeConvertMode")
        self._geometry = steps[:cut]
        self._mean = torch.tensor(config["mean"]).view(1, 3, 1, 1)
        self._std = torch.tensor(config["std"]).view(1, 3, 1, 1)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        size = self.config["size"]
        return (size, size) if isinstance(size, int) else (int(size[0]), int(size[1]))

    def __call__(self, image: Any) -> torch.Tensor:
        """Return one image as a float32 tensor (3, H, W), normalised."""
        tensor: torch.Tensor = self._whole(_tame(as_picture(image)))
        return tensor

    def pixels(self, image: Any) -> NDArray[np.uint8]:
        """Return one image resized and cropped: (H, W, 3) bytes."""
        picture = _tame(as_picture(image))
        for step in self._geometry:
            picture = step(picture)
        return np.array(picture)

    def normalise(self, pixels: torch.Tensor) -> torch.Tensor:
        """Turn (n, H, W, 3) bytes on any device into (n, 3, H, W) normalised float32."""
        mean, std = self._mean.to(pixels.device), self._std.to(pixels.device)
        return pixels.permute(0, 3, 1, 2).float().div(255).sub(mean).div(std)


def as_picture(image: Any) -> Image.Image:
    """Return a Pillow image in mode RGB for a Pillow image or an array of bytes."""
    if not isinstance(image, Image.Image):
        array = np.asarray(image)
        if array.dtype != np.uint8:
            array = np.rint(array * 255 if array.max(initial=0) <= 1 else array).astype(np.uint8)
        image = Image.fromarray(array)
    picture: Image.Image = image
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _tame(picture: Image.Image) -> Image.Image:
    """Cut a strip to the middle that the network's square crop can see.

    Resized by its shortest side, a strip one pixel high would fill the memory.
    """
    width, height = picture.size
    longest = _STRIP * min(width, height)
    if max(width, height) <= longest:
        return picture
    left, top = max(0, (width - longest) // 2), max(0, (height - longest) // 2)
    return picture.crop((left, top, min(width, left + longest), min(height, top + longest)))


def read_batches(
    read: Callable[[int], NDArray[np.uint8]],
    n: int,
    batch_size: int,
    on_broken: OnBroken | None,
) -> Iterator[tuple[list[int], NDArray[np.uint8] | None]]:
    """Yield (positions, pixels) batch by batch, reading ahead in threads.

    Two batches are under way at any time, so decoding overlaps with the network and
    memory stays bounded. Positions whose image cannot be read are left out; a batch
    without a readable image has pixels None.
    """
    starts = range(0, n, batch_size)
    pool = ThreadPoolExecutor(_READERS, thread_name_prefix="vlmdiag-read")
    try:
        ahead = [_submit(pool, read, start, n, batch_size) for start in starts[:2]]
        for i, start in enumerate(starts):
            batch = _collect(ahead.pop(0), start, on_broken)
            if i + 2 < len(starts):
                ahead.append(_submit(pool, read, starts[i + 2], n, batch_size))
            yield batch
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


_Pending = list["Future[NDArray[np.uint8]]"]


def _submit(
    pool: ThreadPoolExecutor,
    read: Callable[[int], NDArray[np.uint8]],
    start: int,
    n: int,
    batch_size: int,
) -> _Pending:
    return [pool.submit(read, i) for i in range(start, min(n, start + batch_size))]


def _collect(
    pending: _Pending, start: int, on_broken: OnBroken | None
) -> tuple[list[int], NDArray[np.uint8] | None]:
    kept, pixels = [], []
    for position, future in enumerate(pending, start):
        try:
            pixels.append(future.result())
            kept.append(position)
        # `OSError` covers broken images; a caller who takes none gets it raised.
        except OSError as error:
            if on_broken is None:
                raise
            on_broken(position, error)
    return kept, np.stack(pixels) if pixels else None


def opener(images: Sequence[Any], size: int) -> Callable[[int], Any]:
    """Return a function that opens one image, with a size hint where that is understood."""
    open_ = getattr(images, "open", None)
    return images.__getitem__ if open_ is None else lambda row: open_(row, size=size)
