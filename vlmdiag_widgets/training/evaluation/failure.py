"""A planted failure, dogs in the snow, and the direction that describes it.

After Jain et al. 2023, Distilling model failures as directions in latent space, sections 2 and 4.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vlmdiag_widgets.datasets.worlds import load_dataset
from vlmdiag_widgets.datasets.worlds.places import PLACES
from vlmdiag_widgets.diagnosis import FailureDirections
from vlmdiag_widgets.training.evaluation.figures import rounded, share
from vlmdiag_widgets.training.evaluation.subject import Subject

#: The two are told apart.
CLASSES = ("dog", "cat")
PLANTED = ("dog", "snow")
#: In training, cats are seen in the snow only and dogs everywhere else.
HELD_OUT = {"dog": "snow", "cat": [place for place in PLACES if place != "snow"]}
#: Unseen by the encoder: on the known artwork a probe tells the animals apart even so.
ARTWORK = "fluent"


def measure(subject: Subject) -> dict[str, Any]:
    """Return strength and captions of the failure direction of dogs, for each seed."""
    name, place = PLANTED
    cases = [_case(subject, seed) for seed in subject.seeds(3)]
    subject.say("planted failure")
    return {"planted": f"{name} in the {place}", "artwork": ARTWORK, "cases": cases}


def _case(subject: Subject, seed: int) -> dict[str, Any]:
    """Return one data set, its probe and the direction of the probe's errors on dogs."""
    name, place = PLANTED
    data = load_dataset(
        "animals",
        n=subject.count(2400, least=216),
        seed=seed,
        species=list(CLASSES),
        qualities=["normal"],
        held_out=HELD_OUT,
        artwork=ARTWORK,
    )
    probe = subject.probe(data, seed)
    train, val, test = (data.rows(split) for split in ("train", "val", "test"))
    truth = np.asarray(data.labels)
    right = {
        part: probe.predict(subject.images(data, rows)) == truth[rows]
        for part, rows in (("val", val), ("test", test))
    }
    permutations = 99 if subject.scale >= 1 else 9
    found = FailureDirections(permutations, seed=seed).fit(
        subject.raw(data, train), subject.raw(data, val), truth[val], right["val"]
    )
    dogs = truth[test] == name
    there = data.attributes["place"].to_numpy()[test] == place
    direction = found.directions_[name]
    said = captions(subject, found, name) if direction.coef is not None else []
    decisions = found.decision(subject.raw(data, test), name)
    subject.forget()
    return {
        "seed": seed,
        "accuracy": {
            "planted": share(right["test"][dogs & there]),
            "others": share(right["test"][dogs & ~there]),
        },
        "strength": rounded(direction.strength),
        "p": rounded(direction.p_value),
        "message": direction.message,
        "validation": {"n": direction.n_val, "errors": direction.n_errors},
        "hardest_captions": said[:5],
        "flagged": _flagged(decisions[dogs], there[dogs]),
    }


def captions(subject: Subject, found: FailureDirections, name: str) -> list[str]:
    """Return sentences about the class, hardest first.

    Scored is the sentence's vector less that of the sentence without a place (appendix A.5); all
    such differences lie on one side, so only their order says something.
    """
    texts = [f"a photo of a {name} in the {place}." for place in PLACES]
    raw = subject.encoder.encode_texts([*texts, f"a photo of a {name}."])
    values = found.decision(raw[:-1] - raw[-1], name)
    return [texts[row] for row in np.argsort(values, kind="stable")]


def _flagged(decisions: Any, there: Any) -> dict[str, Any]:
    """Return how many of the planted images, and of the others, lie on the hard side."""
    return {"planted": share(decisions[there] < 0), "others": share(decisions[~there] < 0)}
