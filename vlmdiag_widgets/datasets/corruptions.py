"""Ways to spoil a picture, each in five severities.

The kinds follow Hendrycks & Dietterich 2019, *Benchmarking neural network robustness to common
corruptions and perturbations*, section 4.1. Strengths are our own: lengths are shares of the
picture's shorter side, and each severity is further from the picture than the one before.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from vlmdiag_widgets._errors import InputError, nearest_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.float32]  # (height, width, 3), from 0 to 1

SEVERITIES = (1, 2, 3, 4, 5)

#: Raised when the pixels of any kind change, so that kept embeddings are not mistaken for new ones.
VERSION = 1

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_FOG = np.array([0.86, 0.88, 0.90], dtype=np.float32)


def spoil(image: Image.Image, kind: str, severity: int, rng: np.random.Generator) -> Image.Image:
    """Return a corrupted copy of a picture.

    Parameters
    ----------
    image : PIL.Image.Image
        RGB.
    kind : str
        One of `KINDS`.
    severity : int
        1 (slight) to 5 (severe).
    rng : Generator
        Decides the noise. The same state gives the same pattern at every severity.

    Returns
    -------
    PIL.Image.Image
        RGB, of the same size.
    """
    pixels = _as_pixels(image)
    level, strengths = severity - 1, _STRENGTHS[kind]
    spoiled = _FUNCTIONS[kind](pixels, strengths[level], rng)
    return Image.fromarray(np.rint(np.clip(spoiled, 0, 1) * 255).astype(np.uint8))


def check_kind(kind: object) -> str:
    """Return the name of a kind.

    Raises
    ------
    InputError
        There is no such kind.
    """
    name = str(kind).replace(" ", "_")
    if name in KINDS:
        return name
    near = nearest_names(name, KINDS)
    raise InputError(
        f"There is no corruption {kind!r}; expected one of {', '.join(KINDS)}.",
        f"Did you mean {near[0]!r}?" if near else "",
    )


def check_severity(severity: object) -> int:
    """Return a severity.

    Raises
    ------
    InputError
        It is no whole number from 1 to 5.
    """
    number = isinstance(severity, int | float | np.integer | np.floating)
    if isinstance(severity, bool) or not number or severity not in SEVERITIES:
        raise InputError(
            f"severity is {severity!r}; expected a whole number from 1 (slight) to 5 (severe).",
            "For example severity=3.",
        )
    return int(severity)


# -- noise -----------------------------------------------------------------------


def _gaussian_noise(pixels: Pixels, deviation: float, rng: np.random.Generator) -> Pixels:
    return pixels + np.float32(deviation) * rng.standard_normal(pixels.shape, dtype=np.float32)


def _shot_noise(pixels: Pixels, photons: float, rng: np.random.Generator) -> Pixels:
    """Few photons: Poisson noise, stronger where the picture is light.

    Its normal approximation, so that one pattern grows with the severity.
    """
    grain = rng.standard_normal(pixels.shape, dtype=np.float32)
    return np.asarray(pixels + np.sqrt(pixels / np.float32(photons)) * grain)


def _impulse_noise(pixels: Pixels, share: float, rng: np.random.Generator) -> Pixels:
    """Salt and pepper; the pixels hit at one severity are hit at every higher one."""
    draw = rng.random(pixels.shape[:2], dtype=np.float32)[..., None]
    value = rng.integers(0, 2, (*pixels.shape[:2], 1)).astype(np.float32)
    return np.where(draw < share, value, pixels)


# -- blur ------------------------------------------------------------------------


def _defocus_blur(pixels: Pixels, radius: float, rng: np.random.Generator) -> Pixels:  # noqa: ARG001
    """Out of focus: each point becomes a disk."""
    r = max(0.6, radius * min(pixels.shape[:2]))
    steps = np.arange(-int(np.ceil(r)), int(np.ceil(r)) + 1)
    # The rim counts in part, so that radii between whole pixels differ.
    disk = np.clip(r + 0.5 - np.hypot(steps[:, None], steps[None, :]), 0, 1)
    return _convolve(pixels, disk)


def _motion_blur(pixels: Pixels, length: float, rng: np.random.Generator) -> Pixels:
    """The camera moved along a straight line, in a direction of the picture's own."""
    half = max(1.0, length * min(pixels.shape[:2]) / 2)
    angle = rng.uniform(0, np.pi)
    edge = int(np.ceil(half))
    steps = np.arange(-edge, edge + 1)
    along = steps[None, :] * np.cos(angle) + steps[:, None] * np.sin(angle)
    across = steps[:, None] * np.cos(angle) - steps[None, :] * np.sin(angle)
    line = np.clip(1 - np.abs(across), 0, 1) * np.clip(half + 0.5 - np.abs(along), 0, 1)
    return _convolve(pixels, line)


def _convolve(pixels: Pixels, kernel: NDArray[np.float64]) -> Pixels:
    """Return the picture filtered by a kernel of odd sides; its border is repeated outwards."""
    edge = kernel.shape[0] // 2
    padded = np.pad(pixels, ((edge, edge), (edge, edge), (0, 0)), mode="edge")
    shape = padded.shape[:2]
    spectrum = np.fft.rfft2(padded, axes=(0, 1))
    weights = np.fft.rfft2(kernel / kernel.sum(), s=shape)[..., None]
    filtered = np.fft.irfft2(spectrum * weights, s=shape, axes=(0, 1))
    return np.asarray(filtered[2 * edge :, 2 * edge :], dtype=np.float32)


# -- resolution ------------------------------------------------------------------


def _pixelate(pixels: Pixels, scale: float, rng: np.random.Generator) -> Pixels:  # noqa: ARG001
    """Fewer and larger square pixels."""
    image = _as_image(pixels)
    few = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.resize(few, Image.Resampling.BOX)
    return _as_pixels(small.resize(image.size, Image.Resampling.NEAREST))


def _jpeg(pixels: Pixels, quality: float, rng: np.random.Generator) -> Pixels:  # noqa: ARG001
    stream = io.BytesIO()
    _as_image(pixels).save(stream, "JPEG", quality=int(quality))
    with Image.open(stream) as image:
        return _as_pixels(image.convert("RGB"))


def _as_image(pixels: Pixels) -> Image.Image:
    return Image.fromarray(np.rint(pixels * 255).astype(np.uint8))


def _as_pixels(image: Image.Image) -> Pixels:
    return np.asarray(image, dtype=np.float32) / np.float32(255)


# -- light -----------------------------------------------------------------------


def _brightness(pixels: Pixels, lift: float, rng: np.random.Generator) -> Pixels:  # noqa: ARG001
    return pixels + np.float32(lift)


def _darkness(pixels: Pixels, gain: float, rng: np.random.Generator) -> Pixels:  # noqa: ARG001
    return pixels * np.float32(gain)


def _contrast(pixels: Pixels, gain: float, rng: np.random.Generator) -> Pixels:  # noqa: ARG001
    mean: Pixels = pixels.mean(axis=(0, 1), keepdims=True)
    return (pixels - mean) * np.float32(gain) + mean


def _saturate(pixels: Pixels, gain: float, rng: np.random.Generator) -> Pixels:  # noqa: ARG001
    grey: Pixels = (pixels @ _LUMA)[..., None]
    strong: Pixels = grey + (pixels - grey) * np.float32(gain)
    return strong


def _fog(pixels: Pixels, density: float, rng: np.random.Generator) -> Pixels:
    """A light veil, thicker in some parts than in others."""
    height, width = pixels.shape[:2]
    clouds = _clouds((height, width), rng)[..., None]
    veil = np.float32(density) * (np.float32(0.75) + np.float32(0.25) * clouds)
    return pixels * (1 - veil) + _FOG * veil


def _clouds(shape: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """Return a smooth random field (height, width) from 0 to 1: noise of five sizes in sum."""
    field = np.zeros(shape, dtype=np.float32)
    for octave in range(1, 6):
        coarse = rng.random((2**octave + 1, 2**octave + 1), dtype=np.float32)
        smooth = Image.fromarray(coarse).resize(shape[::-1], Image.Resampling.BICUBIC)
        field += np.asarray(smooth) / np.float32(2**octave)
    low, high = float(field.min()), float(field.max())
    return (field - low) / np.float32(max(high - low, 1e-6))


_FUNCTIONS: Mapping[str, Callable[[Pixels, float, np.random.Generator], Pixels]] = {
    "gaussian_noise": _gaussian_noise,
    "shot_noise": _shot_noise,
    "impulse_noise": _impulse_noise,
    "defocus_blur": _defocus_blur,
    "motion_blur": _motion_blur,
    "pixelate": _pixelate,
    "jpeg": _jpeg,
    "brightness": _brightness,
    "darkness": _darkness,
    "contrast": _contrast,
    "saturate": _saturate,
    "fog": _fog,
}

_STRENGTHS: Mapping[str, tuple[float, float, float, float, float]] = {
    "gaussian_noise": (0.08, 0.14, 0.22, 0.32, 0.45),  # standard deviation
    "shot_noise": (60, 25, 12, 5, 2.5),  # photons at full light
    "impulse_noise": (0.03, 0.07, 0.13, 0.22, 0.35),  # share of pixels
    "defocus_blur": (0.010, 0.018, 0.028, 0.042, 0.060),  # radius
    "motion_blur": (0.04, 0.07, 0.11, 0.16, 0.23),  # length
    "pixelate": (0.36, 0.25, 0.18, 0.125, 0.09),  # pixels left in each direction
    "jpeg": (25, 16, 10, 6, 3),  # quality
    "brightness": (0.1, 0.2, 0.3, 0.42, 0.55),  # added
    "darkness": (0.75, 0.55, 0.4, 0.27, 0.16),  # times
    "contrast": (0.6, 0.42, 0.28, 0.17, 0.09),  # times
    "saturate": (1.6, 2.2, 3.0, 4.5, 7.0),  # times
    "fog": (0.35, 0.48, 0.6, 0.72, 0.84),  # density
}

#: The names of all corruptions, in the order of the paper where it has them.
KINDS = tuple(_FUNCTIONS)
