"""Probe transfer: trained on one modality, tested on both (Zhang et al. 2023, DrML, Table 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from vlmdiag_widgets.datasets.dataset import ImageDataset
from vlmdiag_widgets.datasets.worlds import load_dataset
from vlmdiag_widgets.diagnosis import LinearProbe
from vlmdiag_widgets.training.evaluation.figures import rounded, share
from vlmdiag_widgets.training.evaluation.papers import TRANSFER
from vlmdiag_widgets.training.evaluation.subject import STUDY_SEEDS, Subject

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Float = NDArray[np.float32]
    Truth = NDArray[np.bool_]

SEED = STUDY_SEEDS[0]
#: Adam's step and the passes over the data, of both kinds of probe.
RATE, EPOCHS = 1e-2, 50
_SIDES = ("images", "texts")


def measure(subject: Subject) -> dict[str, Any]:
    """Return accuracy on `animals` and micro F1 on `scenes`, both ways, gap open and closed."""
    found = {
        "seed": SEED,
        "epochs": EPOCHS,
        "rate": RATE,
        "animals": _animals(subject),
        "scenes": _scenes(subject),
    }
    subject.say("probe transfer")
    return found


def _animals(subject: Subject) -> list[dict[str, Any]]:
    data = load_dataset("animals", n=subject.count(4500, least=270), seed=SEED)
    parts = _vectors(subject, data)
    truth = np.asarray(data.labels)
    train, test = truth[data.rows("train")], truth[data.rows("test")]
    chance = 1 / len(data.classes)
    rows = []
    for gap in ("open", "closed"):
        sides = _closed(parts) if gap == "closed" else parts
        for side in _SIDES:
            probe = LinearProbe(EPOCHS, RATE, seed=SEED).fit(sides[side, "train"], train)
            said = {to: probe.predict(sides[to, "test"]) for to in _SIDES}
            row = {to: share(said[to] == test, chance) for to in _SIDES}
            same = {"consistency": rounded(np.mean(said["images"] == said["texts"]))}
            rows.append({"trained on": side, "gap": gap, **row, **same})
    return rows


def _scenes(subject: Subject) -> dict[str, Any]:
    data = load_dataset("scenes", n=subject.count(4500, least=90), seed=SEED)
    parts = _vectors(subject, data)
    truth = np.asarray(data.labels, dtype=bool)
    train, test = truth[data.rows("train")], truth[data.rows("test")]
    rows = []
    for gap in ("open", "closed"):
        sides = _closed(parts) if gap == "closed" else parts
        for side in _SIDES:
            head = fit_sigmoids(sides[side, "train"], train)
            rows.append({"trained on": side, "gap": gap, **_f1_row(head, sides, test)})
    torch.manual_seed(SEED)
    floor = nn.Linear(parts["images", "test"].shape[1], test.shape[1])
    rows.append({"trained on": "nothing", "gap": "open", **_f1_row(floor, parts, test)})
    paper = {name: list(pair) for name, pair in TRANSFER.items()}
    return {"n": len(test), "things": test.shape[1], "rows": rows, "paper": paper}


def _f1_row(head: nn.Linear, sides: dict[tuple[str, str], Float], test: Truth) -> dict[str, Any]:
    """Return micro and macro F1 on both sides, and how far their decisions agree."""
    said = {to: _decide(head, sides[to, "test"]) for to in _SIDES}
    scores = {to: {"micro": micro_f1(said[to], test), "macro": macro_f1(said[to], test)}
              for to in _SIDES}  # fmt: skip
    return {**scores, "consistency": rounded(np.mean(said["images"] == said["texts"]))}


def _vectors(subject: Subject, data: ImageDataset) -> dict[tuple[str, str], Float]:
    """Return unit vectors by side and split; the text of a picture is its first caption."""
    first = np.array([options[0] for options in data.captions or []], dtype=object)
    found = {}
    for split in ("train", "test"):
        rows = data.rows(split)
        found["images", split] = subject.images(data, rows)
        found["texts", split] = subject.texts(first[rows].tolist())
    subject.forget()
    return found


def _closed(parts: dict[tuple[str, str], Float]) -> dict[tuple[str, str], Float]:
    """Return each side less its own mean over the training split (section 2.1)."""
    means = {side: parts[side, "train"].mean(axis=0) for side in _SIDES}
    return {(side, split): rows - means[side] for (side, split), rows in parts.items()}


def fit_sigmoids(x: Float, truth: Truth) -> nn.Linear:
    """Train one sigmoid a label by Adam in batches of 32 (appendix B.5).

    There are far fewer pictures than in COCO, so steps and epochs are more: the weights have to
    get as far.

    Parameters
    ----------
    x : float32 array (n, d)
    truth : bool array (n, labels)
    """
    torch.manual_seed(SEED)
    head = nn.Linear(x.shape[1], truth.shape[1])
    optimizer = torch.optim.Adam(head.parameters(), lr=RATE)
    inputs, targets = torch.from_numpy(x), torch.from_numpy(truth).float()
    for _ in range(EPOCHS):
        for rows in torch.split(torch.randperm(len(inputs)), 32):
            optimizer.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(head(inputs[rows]), targets[rows])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return head


@torch.inference_mode()
def _decide(head: nn.Linear, x: Float) -> Truth:
    return np.asarray((head(torch.from_numpy(x)) > 0).numpy())


def micro_f1(said: Truth, truth: Truth) -> float | None:
    """Return F1 over all decisions together."""
    wrong = np.sum(said != truth)
    hits = np.sum(said & truth)
    return rounded(2 * hits / max(2 * hits + wrong, 1))


def macro_f1(said: Truth, truth: Truth) -> float | None:
    """Return the mean F1 over the labels that occur."""
    hits = np.sum(said & truth, axis=0)
    wrong = np.sum(said != truth, axis=0)
    scores = 2 * hits / np.maximum(2 * hits + wrong, 1)
    return rounded(scores[truth.any(axis=0)].mean())
