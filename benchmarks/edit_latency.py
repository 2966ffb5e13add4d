"""How long the kernel works when one value is added to an attribute, everything else being warm.

    python benchmarks/edit_latency.py [--sizes 12 8] [--images 1200] [--dim 256] [--ensemble]
    python benchmarks/edit_latency.py --demo

Made-up vectors stand for the encoder, so what is timed is everything but the encoder: composing
the texts, predicting them, scoring slices, the trust line, influence and projection. Beside it:
the same results computed from nothing, as a script without an audit would do after each edit.
With --demo it is the audit of the quickstart, the embedded encoder and its new texts included.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time

import numpy as np
import pandas as pd

from vlmdiag_widgets.audit import Audit

RESULTS = (
    "texts",
    "text_embeddings",
    "text_predictions",
    "slices",
    "trust",
    "influence",
    "projection",
)
BUDGET_MS = 300


class RandomEncoder:
    """Text → a fixed random vector, at almost no cost."""

    name = "random"

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self.texts = 0

    def encode_texts(self, texts):
        self.texts += len(texts)
        rng = np.random.default_rng(len(texts))
        return rng.normal(size=(len(texts), self.dim)).astype(np.float32)


def make_audit(species: int, places: int, images: int, dim: int, *, ensemble: bool) -> Audit:
    rng = np.random.default_rng(0)
    n = 3 * images
    kind, place = rng.integers(0, species, n), rng.integers(0, places, n)
    columns = pd.DataFrame(
        {"species": [f"species {i}" for i in kind], "place": [f"place {i}" for i in place]}
    )
    columns["habitat"] = np.where(place % 2, "water", "land")
    labels = np.where(kind % 2, "waterbird", "landbird")
    x = rng.normal(size=(n, dim)) + (labels == "waterbird")[:, None] * 0.2
    return Audit.from_embeddings(
        x,
        labels,
        encoder=RandomEncoder(dim),
        attributes_table=columns,
        split=np.repeat(["train", "val", "test"], images),
        templates=["a photo of a [{species}|bird][ in the {place}]."],
        ensemble=ensemble,
    )


def make_demo_audit() -> Audit:
    from vlmdiag_widgets import load_dataset, load_encoder
    from vlmdiag_widgets.embeddings import EmbeddingStore

    store = EmbeddingStore(tempfile.mkdtemp(prefix="vlmdiag-benchmark-"))
    return Audit(load_encoder("demo"), load_dataset("waterbirds"), store=store)


def seconds_for(audit: Audit) -> float:
    started = time.perf_counter()
    for name in RESULTS:
        audit.result(name)
    return time.perf_counter() - started


def measure(arguments: argparse.Namespace) -> None:
    def fresh() -> Audit:
        if arguments.demo:
            return make_demo_audit()
        sizes = (*arguments.sizes, arguments.images, arguments.dim)
        return make_audit(*sizes, ensemble=arguments.ensemble)

    seconds_for(fresh())  # imports are nobody's cost
    audit = fresh()
    cold = seconds_for(audit)
    graph = audit._graph  # noqa: SLF001 - counts what was computed
    warm, calls = [], graph.calls.copy()
    for i in range(arguments.repeats):
        extra = [*audit.attributes["place"], f"new place {i}"]
        started = time.perf_counter()
        audit.edit(attributes={**audit.attributes, "place": extra})
        returned = time.perf_counter() - started
        seconds_for(audit)
        warm.append(1000 * (time.perf_counter() - started))
    started = time.perf_counter()
    audit.undo()
    seconds_for(audit)
    undone = 1000 * (time.perf_counter() - started)
    again = {name for name in graph.calls if graph.calls[name] > calls[name]}
    median = statistics.median(warm)
    print(f"{len(audit.texts()):,} texts, {len(audit.predictions()):,} evaluation images")
    print(
        f"edit, all results:  median {median:.0f} ms, worst {max(warm):.0f} ms, of {BUDGET_MS} ms"
    )
    print(f"edit returns after: {1000 * returned:.1f} ms;  undo, all results: {undone:.1f} ms")
    print(f"from nothing:       {1000 * cold:.0f} ms, {1000 * cold / median:.0f} times as long")
    print(f"recomputed:         {', '.join(sorted(again))}")
    per_result = {name: 1000 * graph.seconds[name] for name in RESULTS}
    print("of it:              " + ", ".join(f"{name} {ms:.0f}" for name, ms in per_result.items()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs=2, default=(12, 8), help="species, places")
    parser.add_argument("--images", type=int, default=1200)
    parser.add_argument("--dim", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--ensemble", action="store_true")
    measure(parser.parse_args())
