"""Measure the vision-only networks on pictures never trained on; write the figures to their cards.

    python -m vlmdiag_widgets.training.evaluate_vision

Accuracy is the head's, with Wilson's 95% interval, also by quality and on the second artwork.
Features are measured by what a linear probe and a nearest-neighbour vote find in them, against the
same network with random weights.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors.torch import load_file
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from vlmdiag_widgets.datasets.worlds.place_scene import QUALITIES
from vlmdiag_widgets.datasets.worlds.places import PLACES
from vlmdiag_widgets.diagnosis.wilson import wilson_interval
from vlmdiag_widgets.encoders.vision_model import WEIGHTS_FILE, VisionModel, build_vision_model
from vlmdiag_widgets.training.architecture_vision import NETWORKS, vision_config
from vlmdiag_widgets.training.export_demo import write_json
from vlmdiag_widgets.training.export_vision import vision_folder
from vlmdiag_widgets.training.vision_scenes import SPECIES, Drawn, draw_new
from vlmdiag_widgets.training.vision_views import as_floats, normalised

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Seeds of the pictures that probes are fitted on, and of those they are tested on.
FIT_SEED, TEST_SEED = 1, 2
#: Pictures of the test; probes are fitted on twice as many.
IMAGES = 1000
NEIGHBOURS = 10


def load_network(name: str, folder: Path | None) -> VisionModel:
    """Return the network from its folder; without one, with random weights."""
    model = build_vision_model(vision_config(name, SPECIES))
    if folder is not None:
        weights = load_file(folder / WEIGHTS_FILE)
        wide = {k: v.float() if v.is_floating_point() else v for k, v in weights.items()}
        model.network.load_state_dict(wide)
    return model.eval()


@torch.inference_mode()
def see(model: VisionModel, drawn: Drawn) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return features (n, dim) and logits (n, classes) of pictures."""
    features, logits = [], []
    for start in range(0, len(drawn), 256):
        pixels = torch.from_numpy(drawn.pixels[start : start + 256])
        seen, said = model(normalised(as_floats(pixels)))
        features.append(seen.numpy())
        logits.append(said.numpy())
    return np.concatenate(features), np.concatenate(logits)


def share(right: Sequence[bool] | NDArray[np.bool_]) -> dict[str, Any]:
    """Return a share with its count and Wilson's 95% interval."""
    hits, n = int(np.sum(right)), len(right)
    low, high = wilson_interval(hits, n)
    interval = [round(float(low), 3), round(float(high), 3)]
    return {"share": round(hits / max(n, 1), 3), "n": n, "interval": interval}


def head_accuracy(logits: NDArray[np.float32], drawn: Drawn) -> dict[str, Any]:
    """Return how often the head names the species, in all and by quality."""
    right = logits.argmax(axis=1) == drawn.labels[:, 0]
    qualities = drawn.labels[:, 2]
    return {
        "all": share(right),
        "by_quality": {q: share(right[qualities == i]) for i, q in enumerate(QUALITIES)},
    }


def probe_accuracy(
    fit: NDArray[np.float32], test: NDArray[np.float32], fitted: Drawn, tested: Drawn
) -> dict[str, Any]:
    """Return what a linear probe and a vote of the nearest neighbours say of new pictures."""
    found: dict[str, Any] = {}
    scale = StandardScaler().fit(fit)
    for column, name in enumerate(("species", "place")):
        y, truth = fitted.labels[:, column], tested.labels[:, column]
        probe = LogisticRegression(C=0.05, max_iter=300).fit(scale.transform(fit), y)
        vote = KNeighborsClassifier(NEIGHBOURS, metric="cosine").fit(fit, y)
        found[name] = {
            "linear_probe": share(probe.predict(scale.transform(test)) == truth),
            "neighbours": share(vote.predict(test) == truth),
            "chance": round(1 / len(SPECIES if column == 0 else PLACES), 3),
        }
    return found


def evaluate(name: str, folder: Path, fitted: Drawn, tested: Drawn) -> dict[str, Any]:
    """Return all figures of one network."""
    model, untrained = load_network(name, folder), load_network(name, None)
    features, logits = see(model, tested)
    measured: dict[str, Any] = {
        "pictures": "species and places at random, qualities in turn; new places, new seeds",
        "chance": round(1 / len(SPECIES), 4),
    }
    if NETWORKS[name]["labels"]:
        measured["species"] = head_accuracy(logits, tested)
        fluent = draw_new(len(tested) // 3, TEST_SEED, "fluent")
        measured["species_other_artwork"] = head_accuracy(see(model, fluent)[1], fluent)["all"]
    measured["features"] = {
        "fitted_on": len(fitted),
        "trained": probe_accuracy(see(model, fitted)[0], features, fitted, tested),
        "random_weights": probe_accuracy(
            see(untrained, fitted)[0], see(untrained, tested)[0], fitted, tested
        ),
    }
    return measured


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(NETWORKS))
    parser.add_argument("--images", type=int, default=IMAGES)
    given = parser.parse_args()
    fitted, tested = draw_new(2 * given.images, FIT_SEED), draw_new(given.images, TEST_SEED)
    for name in given.names:
        card_file = vision_folder(name) / "card.json"
        card = json.loads(card_file.read_text(encoding="utf-8"))
        card["measured"] = evaluate(name, vision_folder(name), fitted, tested)
        write_json(card_file, card)
        print(json.dumps({name: card["measured"]}, indent=1), flush=True)


if __name__ == "__main__":
    main()
