"""Two studies of a probe trained on biased images: texts name the slices where it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata, spearmanr

from vlmdiag_widgets.datasets.worlds import load_dataset
from vlmdiag_widgets.datasets.worlds.places import habitat
from vlmdiag_widgets.datasets.worlds.shape_scene import COLORS, SHAPES, SIZES
from vlmdiag_widgets.datasets.worlds.sprites import LANDBIRDS, WATERBIRDS
from vlmdiag_widgets.datasets.worlds.waterbirds import DEFAULT_IMAGES
from vlmdiag_widgets.datasets.worlds.waterbirds import PLACES as BIRD_PLACES
from vlmdiag_widgets.datasets.worlds.words import with_article
from vlmdiag_widgets.diagnosis import slice_scores
from vlmdiag_widgets.training.evaluation.figures import difference, over_seeds, rounded, share
from vlmdiag_widgets.training.evaluation.papers import DSPRITESV
from vlmdiag_widgets.training.evaluation.papers import WATERBIRDS as PAPER_BIRDS
from vlmdiag_widgets.training.evaluation.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from vlmdiag_widgets.datasets.dataset import ImageDataset
    from vlmdiag_widgets.diagnosis import LinearProbe

#: What is correlated, in words; the protocol was chosen on the seeds 10 to 13.
PROTOCOL = (
    "A linear probe is trained on orange triangles and green squares only, on a share {share:g} of "
    "all of them; the paper takes {paper:g}. The smaller share is the world's default: it was "
    "chosen with this package's `demo` encoder on other seeds so that the probe fails often "
    "enough, and the paper's share stands beside it. Slices are size × colour × shape: the 36 "
    "texts of Zhang et al. 2023, appendix B, one a slice. Correlated over the slices: the "
    "mean probability of the true shape that the probe gives to a slice's texts, and the "
    "mean probability of the true shape that it gives to the slice's images. Beside it stands "
    "the correlation with the image accuracy; where many slices tie at exactly 0 or 1 it "
    "cannot reach 1, and the largest Spearman correlation that untied texts could reach is given."
)
#: Share of the orange triangles and green squares that the paper trains on.
PAPER_SHARE = 0.8
BIRDS_PROTOCOL = (
    "A linear probe is trained on the images that the world gives for training, of which the "
    "spurious share shows the usual habitat of the class. Test images are spread evenly over class "
    "× habitat. The size of the birds, the number of images and the share of 0.9 were chosen so "
    "that there is something to find, with this package's `demo` encoder on seed 0; the figures "
    "are of other seeds."
)
#: Test images of dSpritesV that are looked at, for each seed.
TEST_IMAGES = 3_600

MINORITY = ("waterbird · land", "landbird · water")


def dspritesv(subject: Subject) -> dict[str, Any]:
    """Return how the probe's text slices go with its image slices, over seeds."""
    share = float(load_dataset("dspritesv", n=9).provenance["knobs"]["train_share"])
    each, as_paper = [], []
    for seed in subject.seeds():
        each.append(_shape_slices(subject, seed, share))
        as_paper.append(_shape_slices(subject, seed, PAPER_SHARE))
        subject.forget()
    subject.say("study 2, dSpritesV")
    return {
        "protocol": PROTOCOL.format(share=share, paper=PAPER_SHARE),
        "seeds": list(subject.seeds()),
        "share": share,
        "correlations": _mean_correlations(each),
        "paper_share": PAPER_SHARE,
        "correlations_at_paper_share": _mean_correlations(as_paper),
        "slices": _coarse(each),
        "paper": DSPRITESV,
    }


def _mean_correlations(tables: Sequence[pd.DataFrame]) -> dict[str, Any]:
    each = [correlations(table) for table in tables]
    return {name: over_seeds([one[name] for one in each]) for name in each[0]}


def _coarse(tables: Sequence[pd.DataFrame]) -> list[dict[str, Any]]:
    """Return the means over sizes and seeds, a row a colour and shape."""
    coarse = pd.concat(tables).groupby(["color", "shape"], sort=False)
    columns = ["text_score", "image_score", "image_accuracy"]
    means = coarse[columns].mean().sort_values("text_score").round(4)
    counts = coarse["n_images"].sum().loc[means.index]
    return [
        {
            "slice": f"{color} {shape}",
            **{name: float(means.loc[(color, shape), name]) for name in columns},
            "n": int(counts.loc[(color, shape)]),
        }
        for color, shape in means.index
    ]


def _shape_slices(subject: Subject, seed: int, share: float) -> pd.DataFrame:
    """Return the 36 slices of one seed; vectors are kept."""
    n = subject.count(10_000, least=500)
    data = load_dataset("dspritesv", n=n, seed=seed, train_share=share)
    test = data.rows("test")[: subject.count(TEST_IMAGES, least=300)]
    probe = subject.probe(data, seed)
    cells = [(size, color, shape) for shape in SHAPES for color in COLORS for size in SIZES]
    texts = pd.DataFrame(cells, columns=["size", "color", "shape"])
    said = subject.texts([" ".join(cell) for cell in cells])
    return slices_of(subject, probe, data, test, texts, said, by=["size", "color", "shape"])


def slices_of(  # noqa: PLR0917 - two sides, each with rows and vectors
    subject: Subject,
    probe: LinearProbe,
    data: ImageDataset,
    rows: ArrayLike,
    texts: pd.DataFrame,
    said: NDArray[np.float32],
    *,
    by: Sequence[str],
) -> pd.DataFrame:
    """Return the slices of a probe on texts and on some images of a data set."""
    chosen = np.asarray(rows)
    images = data.attributes.iloc[chosen].reset_index(drop=True)
    images["class"] = np.asarray(data.labels)[chosen]
    if "class" not in texts.columns:
        texts = texts.assign(**{"class": texts["shape"]})
    return slice_scores(
        texts,
        probe.predict_proba(said),
        images,
        probe.predict_proba(subject.images(data, chosen)),
        by=list(by),
        classes=probe.classes_,
    )


def correlations(table: pd.DataFrame) -> dict[str, float]:
    """Return the correlations of the text score with both image figures."""
    known = table.dropna(subset=["text_score", "image_score"])
    said, accuracy = known["text_score"].to_numpy(), known["image_accuracy"].to_numpy()
    found = {}
    for name, seen in (("probability", known["image_score"].to_numpy()), ("accuracy", accuracy)):
        found[f"spearman, image {name}"] = float(spearmanr(said, seen).statistic)
        found[f"pearson, image {name}"] = float(np.corrcoef(said, seen)[0, 1])
    found["largest spearman with the ties in accuracy"] = tie_ceiling(accuracy)
    return found


def tie_ceiling(values: NDArray[np.floating]) -> float:
    """Return the largest Spearman correlation that distinct values can have with these."""
    ranks = rankdata(values)
    return float(np.corrcoef(np.sort(ranks), np.arange(len(ranks)))[0, 1])


def waterbirds(subject: Subject, spurious: float) -> dict[str, Any]:
    """Return the probe's four groups, pooled over seeds."""
    seeds = subject.seeds(3)
    each = [_bird_groups(subject, seed, spurious) for seed in seeds]
    right = pd.concat([images for images, _ in each])
    texts = pd.concat([said for _, said in each]).groupby("group")["text_score"].mean()
    groups = {str(key): hits.to_numpy() for key, hits in right.groupby("group")["right"]}
    rows = [
        {
            "group": name,
            "text": rounded(texts[name]),
            "image": share(groups[name]),
            "minority": name in MINORITY,
            "paper": PAPER_BIRDS[name],
        }
        for name in sorted(groups, key=lambda name: texts[name])
    ]
    drop = difference(
        np.concatenate([hits for name, hits in groups.items() if name not in MINORITY]),
        np.concatenate([groups[name] for name in MINORITY if name in groups]),
    )
    named = [set(said.nsmallest(2, "text_score")["group"]) == set(MINORITY) for _, said in each]
    subject.say(f"study 3, waterbirds at {spurious}")
    return {
        "protocol": BIRDS_PROTOCOL,
        "spurious": spurious,
        "seeds": list(seeds),
        "groups": rows,
        "majority_minus_minority": drop,
        "texts_name_the_minorities": f"{sum(named)} of {len(named)} seeds",
    }


def _bird_groups(subject: Subject, seed: int, spurious: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what the probe gets right on each test image, and the text score of each group."""
    data = load_dataset(
        "waterbirds", n=subject.count(DEFAULT_IMAGES, least=72), seed=seed, spurious=spurious
    )
    probe = subject.probe(data, seed)
    test = data.rows("test")
    pairs = [
        (bird, place)
        for bird in WATERBIRDS + LANDBIRDS
        for places in BIRD_PLACES.values()
        for place in places
    ]
    texts = pd.DataFrame(pairs, columns=["species", "place"])
    texts["habitat"] = texts["place"].map(habitat)
    texts["class"] = np.where(texts["species"].isin(WATERBIRDS), "waterbird", "landbird")
    said = subject.texts([f"a photo of {with_article(b)} in the {p}." for b, p in pairs])
    table = slices_of(subject, probe, data, test, texts, said, by=["class", "habitat"])
    table["group"] = table["class"] + " · " + table["habitat"]
    images = data.attributes.iloc[test]
    truth = np.asarray(data.labels)[test]
    hits = probe.predict(subject.images(data, test)) == truth
    return pd.DataFrame(
        {"group": truth + " · " + images["habitat"].to_numpy(), "right": hits}
    ), table
