"""Measure the shipped demo encoder on data it was not trained on; write the figures to its card.

    python -m vlmdiag_widgets.training.evaluate_demo

Measured are zero-shot accuracy, the modality gap, and whether texts alone find the failing groups
of a probe that was trained on biased images (Zhang et al. 2023, DrML, sections 3 and 4).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import open_clip
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr
from torch import nn

from vlmdiag_widgets.datasets.dataset import ImageDataset
from vlmdiag_widgets.datasets.worlds import load_dataset, shape_scene, waterbirds
from vlmdiag_widgets.datasets.worlds.captions import with_article
from vlmdiag_widgets.datasets.worlds.places import PLACES, habitat
from vlmdiag_widgets.datasets.worlds.sprites import LANDBIRDS, WATERBIRDS
from vlmdiag_widgets.training import corpus
from vlmdiag_widgets.training.architecture import IMAGE_SIZE
from vlmdiag_widgets.training.export_demo import DEMO_FOLDER, write_json

Vectors = NDArray[np.float32]

#: Zero-shot accuracy is measured on other seeds than the diagnoses.
NEW_SEED = 1


class Demo:
    """The encoder, loaded with open_clip's own loader from its folder."""

    def __init__(self, folder: Path) -> None:
        name = f"local-dir:{folder.resolve()}"
        self.model, _, self.preprocess = open_clip.create_model_and_transforms(name)
        self.model.eval()
        self.tokenizer = open_clip.get_tokenizer(name)

    @torch.inference_mode()
    def images(self, data: ImageDataset, rows: Iterable[int]) -> Vectors:
        """Return unit image vectors (rows, 256)."""
        parts, numbers = [], [int(row) for row in rows]
        for start in range(0, len(numbers), 128):
            pictures = [data.open(row, IMAGE_SIZE) for row in numbers[start : start + 128]]
            pixels = torch.stack([self.preprocess(picture) for picture in pictures])
            parts.append(self.model.encode_image(pixels, normalize=True))
        return np.asarray(torch.cat(parts).numpy(), dtype=np.float32)

    @torch.inference_mode()
    def texts(self, texts: Sequence[str]) -> Vectors:
        """Return unit text vectors (texts, 256)."""
        parts = []
        for start in range(0, len(texts), 256):
            tokens = self.tokenizer(list(texts[start : start + 256]))
            parts.append(self.model.encode_text(tokens, normalize=True))
        return np.asarray(torch.cat(parts).numpy(), dtype=np.float32)


def fit_probe(x: Vectors, labels: NDArray[np.int64], classes: int, seed: int = 0) -> nn.Linear:
    """Train a linear layer: Adam, rate 0.001, batches of 32, 25 epochs (DrML, appendix B.5)."""
    torch.manual_seed(seed)
    probe = nn.Linear(x.shape[1], classes)
    optimizer = torch.optim.Adam(probe.parameters(), lr=1e-3)
    inputs, targets = torch.from_numpy(x), torch.from_numpy(labels)
    for _ in range(25):
        order = torch.randperm(len(inputs))
        for start in range(0, len(inputs), 32):
            rows = order[start : start + 32]
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(probe(inputs[rows]), targets[rows])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return probe


@torch.inference_mode()
def probabilities(probe: nn.Linear, x: Vectors) -> NDArray[np.float32]:
    """Return class probabilities (n, classes)."""
    return np.asarray(probe(torch.from_numpy(x)).softmax(dim=-1).numpy())


def _probe_on(demo: Demo, data: ImageDataset) -> tuple[nn.Linear, pd.DataFrame]:
    """Return a probe of the training split and what it does on each test image."""
    number = {name: index for index, name in enumerate(data.classes)}
    names = data.attributes.assign(label=data.labels)["label"]
    labels = np.array([number[str(name)] for name in names])
    train, test = data.rows(split="train"), data.rows(split="test")
    probe = fit_probe(demo.images(data, train), labels[train], len(data.classes))
    found = probabilities(probe, demo.images(data, test))
    table = data.attributes.iloc[test].reset_index(drop=True)
    table["label"] = names.iloc[test].to_numpy()
    table["right"] = found.argmax(axis=1) == labels[test]
    return probe, table


def _score_texts(demo: Demo, probe: nn.Linear, table: pd.DataFrame, classes: list[str]) -> None:
    found = probabilities(probe, demo.texts(list(table["text"])))
    truth = [classes.index(label) for label in table["label"]]
    table["probability"] = found[np.arange(len(table)), truth]


def _slices(images: pd.DataFrame, texts: pd.DataFrame, by: list[str]) -> list[dict[str, Any]]:
    seen = images.groupby(by)["right"].agg(["mean", "size"]).add_suffix("_image")
    said = texts.groupby(by)["probability"].agg(["mean", "size"]).add_suffix("_text")
    both = seen.join(said).sort_values("mean_text")
    return [
        {
            "slice": " · ".join(cast("tuple[str, ...]", key)),
            "text_probability": round(float(row["mean_text"]), 3),
            "texts": int(row["size_text"]),
            "image_accuracy": round(float(row["mean_image"]), 3),
            "images": int(row["size_image"]),
        }
        for key, row in both.to_dict("index").items()
    ]


def _agreement(slices: list[dict[str, Any]]) -> dict[str, float]:
    said = [one["text_probability"] for one in slices]
    seen = [one["image_accuracy"] for one in slices]
    return {
        "spearman": round(float(spearmanr(said, seen).statistic), 3),
        "pearson": round(float(np.corrcoef(said, seen)[0, 1]), 3),
    }


def diagnose_waterbirds(demo: Demo) -> dict[str, Any]:
    """Return the probe's four groups: accuracy on images, probability on texts."""
    data = load_dataset("waterbirds")
    probe, images = _probe_on(demo, data)
    pairs = [(bird, place) for bird in WATERBIRDS + LANDBIRDS for place in PLACES]
    texts = pd.DataFrame(pairs, columns=["species", "place"])
    texts["habitat"] = texts["place"].map(habitat)
    texts["label"] = np.where(texts["species"].isin(WATERBIRDS), "waterbird", "landbird")
    texts["text"] = [f"a photo of {with_article(b)} in the {p}." for b, p in pairs]
    _score_texts(demo, probe, texts, data.classes)
    groups = _slices(images, texts, ["label", "habitat"])
    worst = {one["slice"] for one in groups[:2]}
    fine = _slices(images, texts, ["label", "place"])
    accuracy = [one["image_accuracy"] for one in groups]
    return {
        "groups": groups,
        "minority_groups_are_worst_by_text": worst == {"landbird · water", "waterbird · land"},
        "accuracy_spread": round(max(accuracy) - min(accuracy), 3),
        "class_by_place": {"slices": len(fine), **_agreement(fine)},
        "spurious_share": data.provenance["knobs"]["spurious"],
    }


def diagnose_dspritesv(demo: Demo) -> dict[str, Any]:
    """Return the probe's twelve shape × colour slices."""
    data = load_dataset("dspritesv")
    probe, images = _probe_on(demo, data)
    rows = [
        {"shape": shape, "color": color, "label": shape, "text": f"{size} {color} {shape}"}
        for shape in shape_scene.SHAPES
        for color in shape_scene.COLORS
        for size in shape_scene.SIZES
    ]
    texts = pd.DataFrame(rows)
    _score_texts(demo, probe, texts, data.classes)
    slices = _slices(images, texts, ["color", "shape"])
    worst = {one["slice"] for one in slices[:2]}
    return {
        "slices": slices,
        "expected_slices_are_worst_by_text": worst == {"orange · square", "green · triangle"},
        **_agreement(slices),
    }


def zero_shot(demo: Demo) -> dict[str, Any]:
    """Return accuracies on new seeds, each with its number of images and of classes."""
    birds = load_dataset("waterbirds", n=2700, seed=NEW_SEED)
    shapes = load_dataset("dspritesv", n=1500, seed=NEW_SEED)
    seen = {"birds": demo.images(birds, range(2700)), "shapes": demo.images(shapes, range(1500))}
    tasks = {
        "species": ("birds", birds, WATERBIRDS + LANDBIRDS, "a photo of {}."),
        "place": ("birds", birds, PLACES, "a photo of the {}."),
        "class": ("birds", birds, waterbirds.CLASSES, "a photo of {}."),
        "color": ("shapes", shapes, shape_scene.COLORS, "{} shape"),
        "shape": ("shapes", shapes, shape_scene.SHAPES, "{}"),
        "size": ("shapes", shapes, shape_scene.SIZES, "{} shape"),
        "position": ("shapes", shapes, shape_scene.POSITIONS, "a shape in the {}"),
    }
    result = {}
    for name, (pictures, data, values, prompt) in tasks.items():
        texts = [prompt.format(with_article(v) if "of {}" in prompt else v) for v in values]
        best = (seen[pictures] @ demo.texts(texts).T).argmax(axis=1)
        truth = data.labels if name == "class" else data.attributes[name].to_numpy()
        right = np.array(values)[best] == truth
        result[name] = {
            "accuracy": round(float(right.mean()), 3),
            "images": len(right),
            "classes": len(values),
            "prompt": prompt,
        }
    return result | {"animal": _zero_shot_animals(demo, 1500)}


def _zero_shot_animals(demo: Demo, count: int) -> dict[str, Any]:
    """Return the accuracy over all animals on new training-like scenes, by picture quality."""
    found = [corpus.sample(NEW_SEED, index, index % 8) for index in range(2 * count)]
    found = [one for one in found if "species" in one.attributes][:count]
    pictures = [one.scene.draw(IMAGE_SIZE) for one in found]
    names = corpus.FIELDS["species"][1:]
    x = demo.images(ImageDataset.from_arrays(pictures), range(len(found)))
    best = (x @ demo.texts([f"a photo of {with_article(name)}." for name in names]).T).argmax(
        axis=1
    )
    table = pd.DataFrame([dict(one.attributes) for one in found])
    table["right"] = table["species"].to_numpy() == np.array(names)[best]
    by_quality = table.groupby("quality")["right"].mean().round(3)
    return {
        "accuracy": round(float(table["right"].mean()), 3),
        "images": len(table),
        "classes": len(names),
        "by_quality": {str(key): float(value) for key, value in by_quality.items()},
    }


def modality_gap(demo: Demo, pairs: int = 1800) -> dict[str, Any]:
    """Return the gap between pictures and their first captions (DrML, section 3.1)."""
    data = load_dataset("waterbirds", n=pairs, seed=NEW_SEED)
    x = demo.images(data, range(len(data)))
    captions = data.captions or []
    gap = x - demo.texts([options[0] for options in captions])
    centre = gap.mean(axis=0)
    size = np.linalg.norm(gap, axis=1)
    cosine = gap @ centre / (size * np.linalg.norm(centre))
    residual = x - x.mean(axis=0)
    across = residual @ centre / (np.linalg.norm(residual, axis=1) * np.linalg.norm(centre))
    return {
        "pairs": len(gap),
        "centre_distance": round(float(np.linalg.norm(centre)), 3),
        "magnitude": [round(float(size.mean()), 3), round(float(size.std()), 3)],
        "direction": [round(float(cosine.mean()), 3), round(float(cosine.std()), 3)],
        "orthogonality": [round(float(across.mean()), 3), round(float(across.std()), 3)],
    }


def evaluate(folder: Path = DEMO_FOLDER) -> dict[str, Any]:
    """Return all figures."""
    demo = Demo(folder)
    return {
        "waterbirds": diagnose_waterbirds(demo),
        "dspritesv": diagnose_dspritesv(demo),
        "zero_shot": zero_shot(demo),
        "modality_gap": modality_gap(demo),
        "logit_scale": round(float(demo.model.logit_scale.detach().exp()), 2),
    }


def main() -> None:
    """Measure, print, and write the figures into the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=DEMO_FOLDER)
    parser.add_argument("--dry", action="store_true", help="print only")
    arguments = parser.parse_args()
    measured = evaluate(arguments.folder)
    print(json.dumps(measured, indent=1))
    if not arguments.dry:
        card = arguments.folder / "card.json"
        content = json.loads(card.read_text(encoding="utf-8")) if card.is_file() else {}
        write_json(card, {**content, "measured": measured})


if __name__ == "__main__":
    main()
