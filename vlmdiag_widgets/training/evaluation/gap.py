"""The modality gap on `scenes`, before and after training (Zhang et al. 2023, DrML, Table 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vlmdiag_widgets.datasets.worlds import load_dataset
from vlmdiag_widgets.diagnosis import Statistic, modality_gap
from vlmdiag_widgets.training.evaluation.figures import rounded
from vlmdiag_widgets.training.evaluation.papers import GAP
from vlmdiag_widgets.training.evaluation.subject import ZERO_SHOT_SEED, Subject

if TYPE_CHECKING:
    from vlmdiag_widgets.datasets.dataset import ImageDataset


def measure(subject: Subject, untrained: Subject) -> dict[str, Any]:
    """Return the statistics of the trained encoder and of the one training started from.

    Individual gaps are those of a picture and its first caption; class gaps those of the pictures
    that show a thing and the first captions of these pictures.
    """
    data = load_dataset("scenes", n=subject.count(1500, least=90), seed=ZERO_SHOT_SEED)
    after, before = statistics(subject, data), statistics(untrained, data)
    subject.say("study 1, modality gap")
    return {
        "pairs": len(data),
        "classes": len(data.classes),
        "seed": ZERO_SHOT_SEED,
        "rows": [
            {"statistic": name, "before": before[name], "after": after[name], "paper": GAP[name]}
            for name in GAP
        ],
    }


def statistics(subject: Subject, data: ImageDataset) -> dict[str, dict[str, Any]]:
    """Return the figures of Table 1: name → mean, standard deviation and count."""
    x = subject.images(data)
    y = subject.texts([options[0] for options in data.captions or []])
    pairs = modality_gap(x, y)
    rows, classes = np.nonzero(np.asarray(data.labels, dtype=bool))
    names = np.array(data.classes)[classes].tolist()
    groups = modality_gap(x[rows], y[rows], paired=False, x_labels=names, y_labels=names)
    found = (
        *(pairs.magnitude, groups.magnitude, pairs.direction, groups.direction),
        *(pairs.orthogonality, pairs.centre),
    )
    return {name: summary(one) for name, one in zip(GAP, found, strict=True)}


def summary(one: Statistic) -> dict[str, Any]:
    """Return a statistic without its values."""
    return {"mean": rounded(one.mean), "std": rounded(one.std), "n": one.n}
