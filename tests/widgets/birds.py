"""A small world for tests of views: birds at places, embedded as sums of their words."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from vlmdiag_widgets.audit import Audit
from vlmdiag_widgets.datasets import ImageDataset

SPECIES = {"mallard": "waterbird", "swan": "waterbird", "owl": "landbird", "dove": "landbird"}
PLACES = ("ocean", "forest")
DIM = 16
#: Images of each bird at each place, by split; training birds live where one expects them.
COUNTS = {"train": (20, 1), "val": (14, 14), "test": (10, 10)}


def word(name: str) -> np.ndarray:
    return np.random.default_rng(zlib.crc32(name.encode())).normal(size=DIM)


class Words:
    """A text's vector is the sum of the vectors of its words."""

    name, dim, logit_scale = "words", DIM, 10.0

    def encode_texts(self, texts: list[str]) -> np.ndarray:
        sums = [sum(word(name) for name in text.strip(".").split()) for text in texts]
        return np.array(sums, dtype=np.float32)


def bird_table() -> pd.DataFrame:
    rows = []
    for split, (usual, unusual) in COUNTS.items():
        for species, class_ in SPECIES.items():
            for place in PLACES:
                n = usual if (class_ == "waterbird") == (place == "ocean") else unusual
                rows += [(split, class_, species, place)] * n
    return pd.DataFrame(rows, columns=["split", "class", "species", "place"])


def make_audit(*, pictures: bool = False, noise: float = 0.6, **settings: Any) -> Audit:
    """Make an audit of birds whose place speaks louder than the bird."""
    table = bird_table()
    rng = np.random.default_rng(0)
    clean = [word(s) + 1.6 * word(p) for s, p in zip(table["species"], table["place"], strict=True)]
    dataset = None
    if pictures:
        images = rng.integers(0, 255, (len(table), 8, 8, 3), dtype=np.uint8)
        dataset = ImageDataset.from_arrays(images, labels=table["class"])
    return Audit.from_embeddings(
        np.array(clean) + rng.normal(scale=noise, size=(len(table), DIM)),
        table["class"],
        encoder=Words(),
        attributes_table=table[["species", "place"]],
        split=table["split"],
        dataset=dataset,
        attributes={"species": list(SPECIES), "place": list(PLACES)},
        templates=["a photo of a [{species}|bird][ in the {place}]."],
        **settings,
    )


def wait(until: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for what a worker thread does."""
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            raise AssertionError("it never happened")
        time.sleep(0.01)


def ready(view: Any) -> Any:
    """Return a view once it shows its data."""
    wait(lambda: view.status["phase"] != "loading")
    assert view.status["phase"] == "ready", view.status
    return view


def ask(view: Any, kind: str, payload: dict[str, Any], buffers: list[bytes] | None = None) -> Any:
    """Send a request as the browser does; return the answer and its buffers."""
    sent: list[tuple[Any, Any]] = []
    view.send = lambda content, buffers=None: sent.append((content, buffers))
    request = {"id": "1", "kind": kind, "generation": 0, "payload": payload}
    view._receive(view, request, buffers or [])
    return sent[-1]
