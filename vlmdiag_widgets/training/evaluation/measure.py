"""All measurements of one encoder."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any

import torch

from vlmdiag_widgets.encoders.load import load_encoder
from vlmdiag_widgets.training.evaluation import (
    biased,
    failure,
    gap,
    people,
    speed,
    transfer,
    zero_shot,
)
from vlmdiag_widgets.training.evaluation.cards import Shipped, about
from vlmdiag_widgets.training.evaluation.subject import Subject
from vlmdiag_widgets.training.evaluation.untrained import untrained

#: Parts of the measurement that can be asked for.
PARTS = ("zero-shot", "studies", "transfer", "cost")
#: Shares of the usual habitat in training.
SPURIOUS = (0.90, 0.95)


def measure(
    one: Shipped, parts: Collection[str] = PARTS, *, scale: float = 1.0, quiet: bool = False
) -> dict[str, Any]:
    """Return the measured part of a vision-language encoder's card.

    Parameters
    ----------
    one : Shipped
    parts : collection of str
        Some of `PARTS`.
    scale : float
        Factor on all numbers of pictures.
    quiet : bool
        Print no progress.
    """
    torch.set_num_threads(1)
    subject = Subject(load_encoder(str(one.folder), device="cpu"), scale, quiet)
    work: dict[str, tuple[str, Callable[[], Any]]] = {
        "zero-shot": ("zero_shot", lambda: zero_shot.measure(subject)),
        "studies": ("studies", lambda: studies(subject, one)),
        "transfer": ("transfer", lambda: transfer.measure(subject)),
        "cost": ("cost", lambda: speed.measure(subject, one.folder)),
    }
    found: dict[str, Any] = {}
    for part in PARTS:
        if part in parts:
            key, run = work[part]
            found[key] = run()
    return {**found, "about": about(time.perf_counter() - subject.began, subject.seen)}


def studies(subject: Subject, one: Shipped) -> dict[str, Any]:
    """Return the five studies and the planted failure."""
    start = Subject(untrained(one), subject.scale, quiet=True)
    return {
        "gap": gap.measure(subject, start),
        "dspritesv": biased.dspritesv(subject),
        "waterbirds": [biased.waterbirds(subject, share) for share in SPURIOUS],
        "portraits": people.portraits(subject),
        "professions": people.professions(subject),
        "failure": failure.measure(subject),
    }
