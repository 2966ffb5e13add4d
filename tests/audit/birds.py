"""A tiny world in which every answer is known: words are vectors, images are sums of words."""

from __future__ import annotations

import hashlib
import re
import threading

import numpy as np
import pandas as pd

from vlmdiag_widgets.audit import Audit

SPECIES = {"mallard": "waterbird", "swan": "waterbird", "owl": "landbird", "turkey": "landbird"}
PLACES = {"ocean": "water", "lake": "water", "forest": "land", "desert": "land"}
DIM = 24


def word_vector(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "little")
    return np.random.default_rng(seed).normal(size=DIM)


def sentence_vector(text: str) -> np.ndarray:
    return sum((word_vector(word) for word in re.findall(r"[a-z]+", text.lower())), np.zeros(DIM))


class WordEncoder:
    """Text → sum of its words' vectors; counts what it is asked to embed."""

    name = "words"
    dim = DIM
    logit_scale = 10.0

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.hold: threading.Event | None = None

    def encode_texts(self, texts):
        if self.hold is not None:
            self.hold.wait(10)
        self.seen += texts
        return np.stack([sentence_vector(text) for text in texts]).astype(np.float32)


def bird_table(seed: int = 0) -> pd.DataFrame:
    """Training birds live where one expects them; test birds everywhere alike."""
    rng = np.random.default_rng(seed)
    rows = []
    for split, n in (("train", 24), ("val", 12), ("test", 12)):
        for species, class_ in SPECIES.items():
            for place, habitat in PLACES.items():
                usual = class_.startswith(habitat)
                count = n if split != "train" or usual else 1
                rows += [(split, class_, species, place, habitat)] * count
    table = pd.DataFrame(rows, columns=["split", "class", "species", "place", "habitat"])
    return table.iloc[rng.permutation(len(table))].reset_index(drop=True)


def bird_vectors(table: pd.DataFrame, seed: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(scale=0.5, size=(len(table), DIM))
    # The place speaks louder than the bird: the shortcut that training rewards.
    clean = [
        word_vector(bird.species) + 1.5 * word_vector(bird.place) for bird in table.itertuples()
    ]
    return (np.stack(clean) + noise).astype(np.float32)


def make_audit(encoder: WordEncoder | None = None, **settings) -> Audit:
    table = bird_table()
    settings.setdefault("templates", ["a photo of a [{species}|bird][ in the {place}]."])
    return Audit.from_embeddings(
        bird_vectors(table),
        table["class"],
        encoder=encoder or WordEncoder(),
        attributes_table=table[["species", "place", "habitat"]],
        split=table["split"],
        **settings,
    )
