"""Small pictures for the views; a broken image becomes a drawn placeholder."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw


def encode_thumbnail(image: Image.Image, size: int) -> bytes:
    """Return `image` as WebP, its longest side at most `size` pixels."""
    small = image.copy()
    small.thumbnail((size, size), Image.Resampling.BICUBIC, reducing_gap=2.0)
    buffer = BytesIO()
    small.save(buffer, "WEBP", quality=82, method=0)
    return buffer.getvalue()


def placeholder(size: int) -> bytes:
    """Return a drawn picture that stands for an image that cannot be read."""
    image = Image.new("RGB", (size, size), "#e8e8e8")
    draw = ImageDraw.Draw(image)
    edge, line = size // 4, max(1, size // 32)
    draw.rectangle((edge, edge, size - edge, size - edge), outline="#8a8a8a", width=line)
    draw.line((edge, size - edge, size - edge, edge), fill="#8a8a8a", width=line)
    return encode_thumbnail(image, size)
