"""`Encoder`: a vision-language model as two functions into one space."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets._progress import ProgressFn, no_progress
from vlmdiag_widgets.encoders.batches import BatchSize
from vlmdiag_widgets.encoders.device import autocast
from vlmdiag_widgets.encoders.digest import model_digest
from vlmdiag_widgets.encoders.fast import fast_image_tower
from vlmdiag_widgets.encoders.frozen import frozen
from vlmdiag_widgets.encoders.images import OnBroken, Preprocess, opener, read_batches
from vlmdiag_widgets.encoders.texts import TextTower
from vlmdiag_widgets.encoders.vocabulary import unknown_words

Rows = NDArray[np.float32]

#: Texts whose tokens tell tokenizers apart: case, digits, signs, other scripts, rare words.
_SAMPLE = ("A photo of 2 Mallards, in the ocean's spray (HDR)!", "żółw 猫 naïve", "xylograph-7")


class Encoder:
    """Images and texts → un-normalised float32 vectors of one space.

    Made by `load_encoder`. Safe to use from several threads: one forward pass runs at
    a time. Weights are taken to be final: `key` and the CPU's faster copy of the image
    tower are made once.

    Parameters
    ----------
    model : nn.Module
        An open_clip model, weights loaded.
    tokenizer : callable
        Texts → (m, context) tokens.
    config : dict
        The model's open_clip config.
    preprocess : dict
        open_clip's preprocessing settings: size, mean, std, interpolation, ...
    name, pretrained : str
        What was asked for.
    device : torch.device
    precision : {"fp32", "bf16", "fp16"}
    vocabulary : frozenset of str, optional
        Words the text tower was trained on, where that is a closed list.
    """

    #: Whether texts have vectors too; `VisionEncoder` has none.
    reads_texts = True

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        config: dict[str, Any],
        preprocess: dict[str, Any],
        name: str,
        pretrained: str,
        device: torch.device,
        precision: str,
        vocabulary: frozenset[str] | None = None,
    ) -> None:
        self.name, self.pretrained = name, pretrained
        self.device, self.precision = device, precision
        self.vocabulary = vocabulary
        self.lock = threading.RLock()
        self._config = config
        self._model = model.to(device).eval()
        self._tokenizer = tokenizer
        self._preprocess = Preprocess(preprocess)
        self._texts = TextTower(self._model)
        self._image_batch = BatchSize(_image_batch(device, self._preprocess.size))
        self._text_batch = BatchSize(2048 if device.type == "cuda" else 256)

    # -- what it is --------------------------------------------------------------

    @property
    def visual(self) -> torch.nn.Module:
        """The image tower; take `lock` around hooks on it."""
        module: torch.nn.Module = self._model.visual
        return module

    @property
    def image_size(self) -> int:
        """Side of the images the network sees, in pixels (the longer one)."""
        return max(self._preprocess.size)

    @property
    def resize_mode(self) -> str:
        """What happens to images that are not square, as open_clip names it.

        "shortest" crops the centre, "squash" distorts, "longest" pads.
        """
        return str(self._preprocess.config.get("resize_mode") or "shortest")

    @cached_property
    def dim(self) -> int:
        """Length of the vectors."""
        return int(self._config["embed_dim"])

    @property
    def logit_scale(self) -> float:
        """Factor on cosines before the softmax of a zero-shot classifier."""
        return float(self._model.logit_scale.detach().exp())

    @property
    def logit_bias(self) -> float | None:
        """Term added to scaled cosines (SigLIP), or None."""
        bias = getattr(self._model, "logit_bias", None)
        return None if bias is None else float(bias.detach())

    @cached_property
    def key(self) -> str:
        """Digest of weights, config, preprocessing, tokens and precision, 32 hex digits."""
        settings = {
            "config": self._config,
            "preprocess": self._preprocess.config,
            "precision": self.precision,
            # A tokenizer is code and files: what it makes of a text stands for both.
            "tokens": self._tokenise(_SAMPLE).tolist(),
        }
        return model_digest(self._model.state_dict(), settings)

    def describe(self) -> dict[str, Any]:
        """Return what is worth recording about the encoder, as JSON values."""
        return {
            "name": self.name,
            "pretrained": self.pretrained,
            "key": self.key,
            "dim": self.dim,
            "image_size": self.image_size,
            "device": str(self.device),
            "precision": self.precision,
            "parameters": sum(p.numel() for p in self._model.parameters()),
            "logit_scale": self.logit_scale,
            "logit_bias": self.logit_bias,
            "vocabulary": None if self.vocabulary is None else len(self.vocabulary),
        }

    def __repr__(self) -> str:
        return (
            f"Encoder({self.name!r}, {self.pretrained!r}, {self.dim} dimensions, "
            f"{self.image_size} px, {self.precision} on {self.device})"
        )

    # -- images ------------------------------------------------------------------

    def preprocess(self, image: Any) -> torch.Tensor:
        """Return one image (Pillow or uint8 array) as a normalised tensor (3, H, W)."""
        return self._preprocess(image)

    def encode_images(
        self,
        images: Sequence[Any],
        batch_size: int | None = None,
        progress: ProgressFn = no_progress,
        on_broken: OnBroken | None = None,
    ) -> Rows:
        """Embed images.

        Parameters
        ----------
        images : sequence
            Pillow images, uint8 arrays (H, W, 3), or an `ImageDataset`; items are
            fetched lazily, in threads, so a sequence may open files.
        batch_size : int, optional
            Largest batch; default by device. Halved when memory runs out.
        progress : callable
            Called with (done, total) after each batch.
        on_broken : callable, optional
            Called with (position, error) for an image that cannot be read, whose row
            is then NaN; without it the error is raised.

        Returns
        -------
        ndarray of float32, shape (n, dim)
            Un-normalised.

        Raises
        ------
        DeviceError
            Not even one image fits into memory.
        """
        out = np.full((len(images), self.dim), np.nan, dtype=np.float32)
        for positions, rows in self.image_batches(images, batch_size, on_broken):
            out[positions] = rows
            progress(int(positions[-1]) + 1, len(images))
        return out

    def image_batches(
        self,
        images: Sequence[Any],
        batch_size: int | None = None,
        on_broken: OnBroken | None = None,
    ) -> Iterator[tuple[NDArray[np.intp], Rows]]:
        """Yield (positions, vectors) batch by batch, for work that saves as it goes."""
        limit = _limit(batch_size, self._image_batch)
        batch = limit.size
        open_ = opener(images, self.image_size)
        batches = read_batches(
            lambda i: self._preprocess.pixels(open_(i)), len(images), batch, on_broken
        )
        start = 0
        for kept, pixels in batches:
            stop = min(start + batch, len(images))
            rows = np.full((stop - start, self.dim), np.nan, dtype=np.float32)
            if pixels is not None:
                rows[np.array(kept) - start] = self._encode_pixels(pixels, limit)
            yield np.arange(start, stop), rows
            start = stop

    def _encode_pixels(self, pixels: NDArray[np.uint8], limit: BatchSize) -> Rows:
        host = torch.from_numpy(pixels)
        if self.device.type == "cuda":
            host = host.pin_memory()
        with self.lock, torch.inference_mode():
            return _to_rows(limit.run(self._forward_images, host))

    def _forward_images(self, host: torch.Tensor) -> torch.Tensor:
        pixels = self._preprocess.normalise(host.to(self.device, non_blocking=True))
        with autocast(self.device, self.precision):
            features: torch.Tensor = self._fast_tower(pixels).float()
        return features

    @cached_property
    def _fast_tower(self) -> Any:
        return fast_image_tower(self._model, self.device, self.precision)

    def image_features(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return un-normalised features of preprocessed pixels, with gradients.

        Parameters
        ----------
        pixels : tensor, shape (n, 3, H, W)
            From `preprocess`; set ``requires_grad`` to differentiate by it.

        Returns
        -------
        tensor of float32, shape (n, dim)
            The weights take no gradient; their flags are as before afterwards.
        """
        with self.lock, frozen(self._model), autocast(self.device, self.precision):
            features: torch.Tensor = self._model.encode_image(
                pixels.to(self.device), normalize=False
            )
        return features.float()

    # -- texts -------------------------------------------------------------------

    def encode_texts(
        self,
        texts: Sequence[str],
        batch_size: int | None = None,
        progress: ProgressFn = no_progress,
    ) -> Rows:
        """Embed texts; one longer than the context is cut at its end.

        Parameters
        ----------
        texts : sequence of str
        batch_size : int, optional
        progress : callable
            Called with (done, total) after each batch.

        Returns
        -------
        ndarray of float32, shape (m, dim)
            Un-normalised.

        Raises
        ------
        InputError
            `texts` is a single text, or holds something else than texts.
        """
        out = np.empty((len(texts), self.dim), dtype=np.float32)
        done = 0
        for positions, rows in self.text_batches(texts, batch_size):
            out[positions] = rows
            done += len(positions)
            progress(done, len(texts))
        return out

    def text_batches(
        self, texts: Sequence[str], batch_size: int | None = None
    ) -> Iterator[tuple[NDArray[np.intp], Rows]]:
        """Yield (positions, vectors) batch by batch, short texts first."""
        _check_texts(texts)
        if not len(texts):
            return
        tokens = self._tokenise(texts)
        # Texts of like length share a batch, so that short ones are read no further.
        order = torch.argsort(self._texts.lengths(tokens), stable=True)
        limit = _limit(batch_size, self._text_batch)
        for rows in torch.split(order, limit.size):
            yield rows.numpy(), self._encode_tokens(tokens[rows], limit)

    def _tokenise(self, texts: Sequence[str]) -> torch.Tensor:
        with self.lock:
            tokens: torch.Tensor = self._tokenizer(list(texts))
            return tokens

    def _encode_tokens(self, tokens: torch.Tensor, limit: BatchSize) -> Rows:
        with self.lock, torch.inference_mode(), autocast(self.device, self.precision):
            features = limit.run(lambda part: self._texts(part.to(self.device)).float(), tokens)
        return _to_rows(features)

    def unknown_words(self, text: str) -> list[str]:
        """Return the words of `text` the encoder was never trained on, in order.

        Empty for encoders with an open vocabulary.
        """
        return unknown_words(text, self.vocabulary)


def _to_rows(features: torch.Tensor) -> Rows:
    return features.float().cpu().numpy()


def _limit(batch_size: int | None, usual: BatchSize) -> BatchSize:
    if batch_size is None:
        return usual
    if batch_size < 1:
        raise InputError(f"batch_size is {batch_size}.", "Give a number from 1, or leave it out.")
    return BatchSize(batch_size)


def _check_texts(texts: Any) -> None:
    if isinstance(texts, str):
        raise InputError("A single text was given.", "Give a list: [text].")
    wrong = [text for text in texts if not isinstance(text, str)]
    if wrong:
        raise InputError(f"{wrong[0]!r} is no text.", "Give a list of texts.")


def _image_batch(device: torch.device, size: tuple[int, int]) -> int:
    """Return a batch that fills a GPU, or that a CPU's caches still hold."""
    pixels = 13_000_000 if device.type == "cuda" else 131_072
    return int(np.clip(pixels // (size[0] * size[1]), 16, 2048))
