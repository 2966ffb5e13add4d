"""Decode any image file into upright RGB, never larger than it has to be."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps, JpegImagePlugin, UnidentifiedImageError

from vlmdiag_widgets.datasets.source import BrokenImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: File name endings taken as images when a folder is listed.
SUFFIXES = frozenset(
    [
        ".jpg",
        ".jpeg",
        ".jfif",
        ".png",
        ".webp",
        ".gif",
        ".bmp",
        ".tif",
        ".tiff",
        ".ppm",
        ".pgm",
        ".pbm",
        ".avif",
        ".jp2",
    ]
)

#: Decoders tried. A closed list keeps out formats that start other programs (EPS).
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF", "JPEG2000")

#: Most pixels held decoded at once; about 400 MB as RGB.
MAX_PIXELS = 128_000_000

# A JPEG decoded at twice the wanted size and then reduced stays within about one
# grey level of a full decode; at exactly the wanted size it would not.
_DRAFT_MARGIN = 2

_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def decode_image(source: Path | bytes, size: int | None = None) -> Image.Image:
    """Decode a file or its bytes to an upright RGB image.

    Parameters
    ----------
    source : Path or bytes
        The encoded image.
    size : int, optional
        Shortest side wanted, in pixels. JPEG files are then decoded at a coarser
        scale where that leaves at least twice this size.

    Returns
    -------
    PIL.Image.Image
        Mode RGB, EXIF orientation applied, the first frame of an animation,
        transparency over white.

    Raises
    ------
    BrokenImageError
        The file is missing, damaged, no image, or too large to decode.
    """
    try:
        stream: IO[bytes] = BytesIO(source) if isinstance(source, bytes) else source.open("rb")
        with stream:
            return _decode_stream(stream, size)
    except BrokenImageError:
        raise
    except MemoryError as error:
        raise BrokenImageError("The image does not fit into memory.") from error
    # Pillow's decoders raise many types on damaged bytes (SyntaxError, struct.error,
    # zlib.error, ...): one broken file must never stop an audit.
    except Exception as error:
        raise BrokenImageError(_reason(error)) from error


def _decode_stream(stream: IO[bytes], size: int | None) -> Image.Image:
    with _open(stream) as image:
        _draft(image, size)
        pixels = image.width * image.height
        if pixels > MAX_PIXELS:
            raise BrokenImageError(
                f"The image has {pixels:,} pixels, more than the {MAX_PIXELS:,} that are decoded."
            )
        image.load()
        return ImageOps.exif_transpose(to_rgb(image))


def _open(stream: IO[bytes]) -> Image.Image:
    try:
        return Image.open(stream, formats=FORMATS)
    except _BOMB:
        # Only a JPEG can be decoded at a fraction of its size, so only it is safe to
        # open past Pillow's guard; `_draft` and `MAX_PIXELS` then bound the memory.
        stream.seek(0)
        if stream.read(2) != b"\xff\xd8":
            raise
        stream.seek(0)
        return JpegImagePlugin.JpegImageFile(stream)


def _draft(image: Image.Image, size: int | None) -> None:
    """Ask the JPEG decoder for a coarser scale (1/2, 1/4, 1/8) where one is enough."""
    if size is not None:
        wanted = size * _DRAFT_MARGIN
    elif image.width * image.height > MAX_PIXELS:
        wanted = int(MAX_PIXELS**0.5) // 2
    else:
        return
    scale = wanted / max(1, min(image.size))
    if scale < 1:
        image.draft("RGB", (round(image.width * scale), round(image.height * scale)))


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert any Pillow mode to RGB; transparency goes over white, 16 bits to 8."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith("I") or image.mode == "F":
        return _with_exif(Image.fromarray(to_uint8(np.asarray(image))).convert("RGB"), image)
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        return _over_white(image)
    return _with_exif(image.convert("RGB"), image)


def _over_white(image: Image.Image) -> Image.Image:
    layer = image.convert("RGBA")
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(layer, mask=layer.getchannel("A"))
    return _with_exif(canvas, image)


def _with_exif(converted: Image.Image, original: Image.Image) -> Image.Image:
    """Carry the orientation tag over, which a new canvas would lose."""
    if "exif" in original.info:
        converted.info["exif"] = original.info["exif"]
    elif (orientation := original.getexif().get(0x0112)) is not None:
        converted.getexif()[0x0112] = orientation
    return converted


def to_uint8(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Map numbers of any type to 0..255.

    Unsigned 8 bits stay; booleans become 0 or 255; floats within 0..1 are scaled by
    255; integers of 16 bits by 1/257; anything else is stretched from its own minimum
    and maximum.

    Raises
    ------
    BrokenImageError
        A value is not finite.
    """
    if values.dtype == np.uint8:
        return values.astype(np.uint8, copy=False)
    numbers = values.astype(np.float64)
    if numbers.size and not np.isfinite(numbers).all():
        raise BrokenImageError("The image holds values that are not finite numbers.")
    low, high = (numbers.min(), numbers.max()) if numbers.size else (0.0, 0.0)
    return np.rint(_scaled(numbers, values.dtype, low, high)).astype(np.uint8)


def _scaled(
    numbers: NDArray[np.float64], dtype: np.dtype[np.generic], low: float, high: float
) -> NDArray[np.float64]:
    is_float = np.issubdtype(dtype, np.floating)
    if dtype == np.bool_ or (is_float and low >= 0 and high <= 1):
        return numbers * 255
    if dtype == np.uint16 or (not is_float and low >= 0 and 255 < high <= 65535):
        return numbers / 257
    if low >= 0 and high <= 255:
        return numbers
    if high == low:
        return np.zeros_like(numbers)
    # Halves, since the span of float64 numbers can itself be too large for one.
    return (numbers / 2 - low / 2) / (high / 2 - low / 2) * 255


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "The file does not exist."
    if isinstance(error, PermissionError):
        return "The file may not be read."
    if isinstance(error, IsADirectoryError):
        return "This is a folder, not an image file."
    if isinstance(error, UnidentifiedImageError):
        return "This is not an image, or of a kind that cannot be read."
    if isinstance(error, _BOMB):
        return f"The image is too large to decode ({error})."
    return f"The image is damaged ({error})."
