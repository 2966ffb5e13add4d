"""Two studies with drawn people: one skin tone favoured, and gender that goes with professions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest, fisher_exact

from vlmdiag_widgets.datasets.dataset import ImageDataset
from vlmdiag_widgets.datasets.worlds import load_dataset
from vlmdiag_widgets.datasets.worlds.sprites import (
    AGES,
    ARTWORKS,
    GENDERS,
    PROFESSIONS,
    TONES,
)
from vlmdiag_widgets.diagnosis import LinearProbe
from vlmdiag_widgets.training.evaluation.biased import slices_of
from vlmdiag_widgets.training.evaluation.figures import difference, rounded, share
from vlmdiag_widgets.training.evaluation.papers import PORTRAITS_DIFFERENCE
from vlmdiag_widgets.training.evaluation.subject import Subject

#: How strongly gender goes with the profession in the biased training images.
GENDER_SKEW = 0.9
#: Share of the favoured tone that favours none of the five.
EVEN = 0.2
#: Learning rate of the linear head on frozen features.
HEAD_RATE = 1e-2


def portraits(subject: Subject) -> dict[str, Any]:
    """Return how woman/man probes of skewed and of even portraits do on each tone.

    On both artworks: on the one that the encoder was trained with it tells all drawings apart,
    whatever the probe has seen.
    """
    knobs = load_dataset("portraits", n=9).provenance["knobs"]
    found = [
        _portrait_case(subject, artwork, skew, knobs["tone"])
        for artwork in ARTWORKS
        for skew in (knobs["skew"], EVEN)
    ]
    subject.forget()
    subject.say("study 4, portraits")
    return {
        "favoured": knobs["tone"],
        "skew": knobs["skew"],
        "seeds": list(subject.seeds(3)),
        "cases": found,
        "paper": rounded(PORTRAITS_DIFFERENCE),
    }


def _portrait_case(subject: Subject, artwork: str, skew: float, favoured: str) -> dict[str, Any]:
    """Return one kind of training portraits, pooled over seeds."""
    each = [_tones(subject, seed, artwork, skew) for seed in subject.seeds(3)]
    images = pd.concat([hits for hits, _ in each])
    texts = pd.concat([said for _, said in each]).groupby("tone")["text_score"].mean()
    liked = images["tone"] == favoured
    tones = {str(tone): hits["right"] for tone, hits in images.groupby("tone")}
    return {
        "artwork": artwork,
        "training": "skewed" if skew > EVEN else "even",
        "tones": [
            {"tone": tone, "text": rounded(texts[tone]), "image": share(tones[tone])}
            for tone in TONES
            if tone in tones
        ],
        "favoured": share(images["right"][liked]),
        "others": share(images["right"][~liked]),
        "favoured_minus_others": difference(images["right"][liked], images["right"][~liked]),
        "by_text": rounded(texts[favoured] - texts.drop(favoured).mean()),
    }


def _tones(
    subject: Subject, seed: int, artwork: str, skew: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return hits on the test images with their tone, and the text score of each tone."""
    n = subject.count(3240, least=90)
    data = load_dataset("portraits", n=n, seed=seed, artwork=artwork, skew=skew)
    probe, test = subject.probe(data, seed), data.rows("test")
    cells = [(a, g, t) for a in AGES if a != "baby" for g in GENDERS for t in TONES]
    texts = pd.DataFrame(cells, columns=["age", "gender", "tone"])
    texts["class"] = texts["gender"]
    said = subject.texts([portrait_text(*cell) for cell in cells])
    table = slices_of(subject, probe, data, test, texts, said, by=["tone"])
    hits = data.attributes.iloc[test][["tone"]].reset_index(drop=True)
    hits["right"] = probe.predict(subject.images(data, test)) == np.asarray(data.labels)[test]
    return hits, table


def portrait_text(age: str, gender: str, tone: str) -> str:
    """Return the sentence about a person, after appendix B.3 of Zhang et al. 2023.

    Examples
    --------
    >>> portrait_text("child", "man", "dark")
    'a photo of a boy with dark skin.'
    """
    nouns = {("child", "woman"): "girl", ("child", "man"): "boy"}
    noun = nouns.get((age, gender), f"{age} {gender}")
    article = "an" if noun[0] in "aeiou" else "a"
    return f"a photo of {article} {noun} with {tone} skin."


def professions(subject: Subject) -> dict[str, Any]:
    """Return what a head trained with gender-bound professions does on the rare gender."""
    cases = [_profession_case(subject, artwork) for artwork in ARTWORKS]
    subject.say("study 5, professions")
    return {"gender_skew": GENDER_SKEW, "seeds": list(subject.seeds(3)), "cases": cases}


def _profession_case(subject: Subject, artwork: str) -> dict[str, Any]:
    """Return both heads on one artwork, pooled over seeds."""
    table = pd.concat([_heads(subject, seed, artwork) for seed in subject.seeds(3)])
    rare = table["rare"]
    biased, fair = table["biased"], table["balanced"]
    only_fair, only_biased = int((fair & ~biased)[rare].sum()), int((biased & ~fair)[rare].sum())
    discordant = only_fair + only_biased
    counts = [[int(biased[part].sum()), int((~biased[part]).sum())] for part in (rare, ~rare)]
    return {
        "artwork": artwork,
        "rows": [
            {"head": name, "rare gender": share(hits[rare]), "common gender": share(hits[~rare])}
            for name, hits in (("gender-bound", biased), ("balanced", fair))
        ],
        "common_minus_rare": difference(biased[~rare], biased[rare]),
        "fisher_p": _p(fisher_exact(np.array(counts)).pvalue),
        "mcnemar": {
            "only_balanced_right": only_fair,
            "only_biased_right": only_biased,
            "p": _p(binomtest(only_fair, discordant).pvalue if discordant else 1.0),
        },
        "text_probability": {
            "rare gender": rounded(table.loc[rare, "said"].mean()),
            "common gender": rounded(table.loc[~rare, "said"].mean()),
        },
    }


def _heads(subject: Subject, seed: int, artwork: str) -> pd.DataFrame:
    """Return, a row a test image: whether its gender is rare, which head is right, text score."""
    load: dict[str, Any] = {
        "n": subject.count(3240, least=216),
        "seed": seed,
        "sign_share": 0.0,
        "artwork": artwork,
    }
    biased = load_dataset("professions", gender_skew=GENDER_SKEW, **load)
    fair = load_dataset("professions", gender_skew=0.0, **load)
    heads = {name: subject.probe(data, seed, lr=HEAD_RATE)
             for name, data in (("biased", biased), ("balanced", fair))}  # fmt: skip
    test = fair.rows("test")
    x, truth = subject.images(fair, test), np.asarray(fair.labels)[test]
    found = {name: head.predict(x) == truth for name, head in heads.items()}
    about = fair.attributes.iloc[test]
    common = common_gender(biased)
    rare = about["gender"].to_numpy() != np.array([common[job] for job in truth])
    said = _text_scores(subject, heads["biased"])
    pairs = zip(truth, about["gender"], strict=True)
    subject.forget()
    return pd.DataFrame({"rare": rare, "said": [said[pair] for pair in pairs], **found})


def common_gender(data: ImageDataset) -> dict[str, str]:
    """Return the more frequent gender of each profession in the training images."""
    rows = data.attributes.iloc[data.rows("train")]
    counts = pd.crosstab(rows["profession"], rows["gender"])
    return {str(job): str(gender) for job, gender in counts.idxmax(axis=1).items()}


def _text_scores(subject: Subject, head: LinearProbe) -> dict[tuple[str, str], float]:
    """Return (profession, gender) → probability of the profession for their sentence."""
    pairs = [(job, gender) for job in PROFESSIONS for gender in GENDERS]
    p = head.predict_proba(subject.texts([f"a photo of a {g} {job}." for job, g in pairs]))
    column = {name: number for number, name in enumerate(head.classes_)}
    return {pair: float(p[row, column[pair[0]]]) for row, pair in enumerate(pairs)}


def _p(value: float) -> float:
    """Return a p-value with three significant digits."""
    return float(f"{value:.3g}")
