"""What the store and the encoder's shortcuts save, against doing without, in one process.

Run: python benchmarks/store.py [images]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import torch

import vlmdiag_widgets as vd
from vlmdiag_widgets.embeddings import EmbeddingStore

TEMPLATES = ("a photo of a {} in the {}.", "a {} at the {}.", "a small {}, {}.", "{} and {}")
BIRDS = ("owl", "swan", "dove", "goose", "parrot", "rooster", "eagle", "turkey", "flamingo")
PLACES = ("forest", "ocean", "lake", "desert", "beach", "river", "meadow", "mountain")


def best(work: Callable[[], Any], times: int = 3) -> float:
    """Return the shortest of several runs, in seconds."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def report(what: str, plain: float, ours: float) -> None:
    print(f"{what:<48} {1e3 * plain:9.1f} ms {1e3 * ours:9.1f} ms {plain / ours:8.1f} x")


def parts(encoder: Any) -> tuple[Any, Any]:
    """Return open_clip's own model and tokenizer."""
    return encoder._model, encoder._tokenizer  # noqa: SLF001 - what is compared with


def images(encoder: Any, count: int) -> None:
    data = vd.load_dataset("dspritesv", n=count)
    rows = range(count)
    pictures = [data.open(row, encoder.image_size) for row in rows]

    model, _ = parts(encoder)

    def stock() -> None:
        with torch.inference_mode():
            for i in range(0, count, 256):
                pixels = torch.stack([encoder.preprocess(p) for p in pictures[i : i + 256]])
                model.encode_image(pixels)

    report(
        f"{count} images: open_clip / encoder",
        best(stock),
        best(lambda: encoder.encode_images(pictures)),
    )
    with tempfile.TemporaryDirectory() as place:
        store = EmbeddingStore(place)
        first = best(lambda: store.images(encoder, data), 1)
        report(
            f"{count} images: first / same kernel", first, best(lambda: store.images(encoder, data))
        )
        fresh = best(lambda: EmbeddingStore(place).images(encoder, data))
        report(f"{count} images: first / next kernel", first, fresh)


def texts(encoder: Any) -> None:
    words = [t.format(b, p) for t in TEMPLATES for b in BIRDS for p in PLACES]
    model, tokenizer = parts(encoder)
    tokens = tokenizer(words)

    def stock() -> None:
        with torch.inference_mode():
            model.encode_text(tokenizer(words))

    report(
        f"{len(words)} texts of {tokens.shape[1]}: open_clip / encoder",
        best(stock),
        best(lambda: encoder.encode_texts(words)),
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print(f"{torch.get_num_threads()} threads; times are the best of three")
    demo = vd.load_encoder("demo", device="cpu")
    images(demo, count)
    texts(demo)
    texts(vd.load_encoder("ViT-B-32", "random", device="cpu"))


if __name__ == "__main__":
    main()
