"""What an encoder costs: images a second on one core, seconds to load, bytes."""

from __future__ import annotations

import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import torch

from vlmdiag_widgets.datasets.worlds import load_dataset
from vlmdiag_widgets.training.evaluation.subject import ZERO_SHOT_SEED, Subject

IMAGES = 768
REPEATS = 3

_LOAD = (
    "import sys, time, torch; torch.set_num_threads(1)\n"
    "from vlmdiag_widgets.encoders import load_encoder\n"
    "import open_clip\n"
    "began = time.perf_counter()\n"
    "load_encoder(sys.argv[1], device='cpu')\n"
    "print(time.perf_counter() - began)\n"
)


def measure(subject: Subject, folder: Path) -> dict[str, Any]:
    """Return the cost of the encoder in `folder`; the best of a few runs counts."""
    data = load_dataset("animals", n=subject.count(IMAGES, least=64), seed=ZERO_SHOT_SEED)
    pictures = [data.open(row, subject.encoder.image_size) for row in range(len(data))]
    texts = [options[1] for options in data.captions or []]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        images = len(pictures) / best(lambda: subject.encoder.encode_images(pictures))
        said = len(texts) / best(lambda: subject.encoder.encode_texts(texts))
    finally:
        torch.set_num_threads(threads)
    weights = max(folder.glob("*.safetensors"), key=lambda path: path.stat().st_size)
    subject.say("cost")
    return {
        "images_per_second_one_core": round(images),
        "texts_per_second_one_core": round(said),
        "load_seconds": round(load_seconds(folder), 3),
        "weights_bytes": weights.stat().st_size,
        "weights_bytes_compressed": len(zlib.compress(weights.read_bytes(), 6)),
        "parameters": subject.encoder.describe()["parameters"],
    }


def best(work: Any) -> float:
    """Return the shortest of a few runs in seconds: other work on the machine only adds."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def load_seconds(folder: Path) -> float:
    """Return how long `load_encoder` takes in a new process, imports not counted."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and our own text
        [sys.executable, "-c", _LOAD, str(folder)], capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])
