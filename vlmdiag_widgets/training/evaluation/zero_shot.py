"""Zero-shot tables: what the encoder names in pictures of new seeds, by world and condition."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vlmdiag_widgets.datasets.dataset import ImageDataset
from vlmdiag_widgets.datasets.worlds import load_dataset
from vlmdiag_widgets.datasets.worlds.place_scene import QUALITIES
from vlmdiag_widgets.datasets.worlds.places import PLACES
from vlmdiag_widgets.datasets.worlds.shape_scene import POSITIONS, SIZES, sample_shape_scene
from vlmdiag_widgets.datasets.worlds.signs import SIGN_WORDS
from vlmdiag_widgets.datasets.worlds.source import SceneSource
from vlmdiag_widgets.datasets.worlds.sprites import (
    AGES,
    ANIMALS,
    ARTWORKS,
    GENDERS,
    HAIR,
    LANDBIRDS,
    PROFESSIONS,
    TONES,
    WATERBIRDS,
)
from vlmdiag_widgets.datasets.worlds.words import COLORS, SHAPES, prompt, with_article
from vlmdiag_widgets.diagnosis import ZeroShotClassifier
from vlmdiag_widgets.training.evaluation.figures import Figure, bootstrap, rounded, share
from vlmdiag_widgets.training.evaluation.subject import ZERO_SHOT_SEED, Subject

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Edges of the size classes of an animal: the longer side of its box, as a share of the picture.
SIZE_EDGES = (0.35, 0.45, 0.55)
SIZE_CLASSES = (
    f"box under {SIZE_EDGES[0]}",
    *(f"box {low} to {high}" for low, high in itertools.pairwise(SIZE_EDGES)),
    f"box over {SIZE_EDGES[-1]}",
)
#: The order in which groups are reported; others come by name.
_ORDER = (*QUALITIES, *SIZES, *SIZE_CLASSES)

PLAIN = "plain"
NAMED_HAIR = tuple(hair for hair in HAIR if hair != PLAIN)


@dataclass(frozen=True)
class Task:
    """One question to one set of pictures.

    Parameters
    ----------
    attribute : str
        As it is called in the table.
    column : str
        Where the truth stands; pictures without a value are left out.
    options : sequence of str
        The candidates.
    ask : callable
        Value → prompt.
    by : str
        Column whose values are also reported apart, or "".
    """

    attribute: str
    column: str
    options: Sequence[str]
    ask: Callable[[str], str]
    by: str = ""


def asked(attribute: str) -> Callable[[str], str]:
    """Return the prompt of the vocabulary for each value of an attribute."""
    return lambda value: prompt(attribute, value)


def photo(value: str) -> str:
    """Return the plain prompt of a noun."""
    return f"a photo of {with_article(value)}."


ANIMAL = Task("animal", "species", ANIMALS, asked("thing"))
PLACE = Task("place", "place", PLACES, asked("place"))
GENDER = Task("woman or man", "gender", GENDERS, asked("gender"))
TONE = Task("skin tone", "tone", TONES, asked("tone"))


def measure(subject: Subject) -> dict[str, Any]:
    """Return the zero-shot table and the multi-label table."""
    rows = list(_shapes(subject))
    for artwork in ARTWORKS:
        rows += [{**row, "artwork": artwork} for row in _artwork(subject, artwork)]
        subject.forget()
    return {
        "seed": ZERO_SHOT_SEED,
        "rows": rows,
        "multi_label": [things(subject, artwork) for artwork in ARTWORKS],
    }


def _artwork(subject: Subject, artwork: str) -> Iterator[Figure]:
    """Measure all worlds that are drawn with artwork."""
    yield from _animals(subject, artwork)
    yield from _birds(subject, artwork)
    yield from _people(subject, artwork)
    subject.say(f"zero-shot, artwork {artwork}")


def _shapes(subject: Subject) -> Iterator[Figure]:
    """Measure all shapes and colours of the training scenes, then those of the world."""
    every = (
        Task("colour", "color", COLORS, asked("color")),
        Task("shape", "shape", SHAPES, asked("shape")),
        Task("shape, by size", "shape", SHAPES, asked("shape"), by="size"),
        Task("size", "size", SIZES, asked("size")),
        Task("position", "position", POSITIONS, asked("position")),
    )
    yield from tables(subject, shapes(subject.count(1500)), every, "coloured shapes")
    world = load_dataset("dspritesv", n=subject.count(1500), seed=ZERO_SHOT_SEED)
    own = (
        Task("colour", "color", sorted(set(world.attributes["color"])), asked("color")),
        Task("shape", "shape", world.classes, asked("shape")),
    )
    yield from tables(subject, world, own, "dspritesv")
    subject.say("zero-shot, shapes")


def shapes(n: int) -> ImageDataset:
    """Return coloured shapes of every kind the training scenes show."""
    rng = np.random.default_rng([ZERO_SHOT_SEED, n])
    options = {"shape": SHAPES, "color": COLORS, "size": SIZES, "position": POSITIONS}
    rows = [{k: v[int(rng.integers(len(v)))] for k, v in options.items()} for _ in range(n)]
    scenes = [sample_shape_scene(rng, **row) for row in rows]
    return ImageDataset(SceneSource(scenes, 64), name="shapes", attributes=pd.DataFrame(rows))


def _animals(subject: Subject, artwork: str) -> Iterator[Figure]:
    load: dict[str, Any] = {"seed": ZERO_SHOT_SEED, "artwork": artwork}
    usual = load_dataset("animals", n=subject.count(1800), qualities=["normal"], **load)
    usual.attributes["box"] = _size_classes(usual)
    by_size = Task("animal, by size", "species", ANIMALS, asked("thing"), by="box")
    yield from tables(subject, usual, (ANIMAL, by_size, PLACE), "animals, normal quality")
    others = [quality for quality in QUALITIES if quality != "normal"]
    spoilt = load_dataset("animals", n=subject.count(2000), qualities=others, **load)
    tasks = (
        Task("animal, by quality", "species", ANIMALS, asked("thing"), by="quality"),
        Task("place, by quality", "place", PLACES, asked("place"), by="quality"),
        Task("quality, where not normal", "quality", others, asked("quality")),
    )
    yield from tables(subject, spoilt, tasks, "animals, other qualities")


def _size_classes(data: ImageDataset) -> list[str]:
    """Return the class of the longer side of each picture's box."""
    boxes = np.stack([np.asarray(found)[0] for found in data.boxes or []])
    longer = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    return [SIZE_CLASSES[k] for k in np.digitize(longer, SIZE_EDGES)]


def _birds(subject: Subject, artwork: str) -> Iterator[Figure]:
    n = subject.count(900)
    load: dict[str, Any] = {"seed": ZERO_SHOT_SEED, "artwork": artwork}
    birds = load_dataset("waterbirds", n=n, spurious=0.5, **load)
    birds.attributes["kind"] = list(birds.labels) if birds.labels is not None else ""
    tasks = (
        Task("species of bird", "species", WATERBIRDS + LANDBIRDS, asked("thing")),
        PLACE,
        Task("waterbird or landbird", "kind", birds.classes, photo),
    )
    yield from tables(subject, birds, tasks, "waterbirds")


def _people(subject: Subject, artwork: str) -> Iterator[Figure]:
    load: dict[str, Any] = {"seed": ZERO_SHOT_SEED, "artwork": artwork}
    faces = load_dataset("portraits", n=subject.count(1200), target="age", skew=0.2, **load)
    age = Task("age", "age", AGES, asked("age"))
    yield from tables(subject, faces, (GENDER, TONE, age), "portraits")
    adults = faces.subset(np.flatnonzero(faces.attributes["age"] == "adult"))
    # Nobody says "plain hair": asked are adults with hair that has a name, for that name.
    named = adults.subset(np.flatnonzero(adults.attributes["hair"] != PLAIN))
    hair = Task("hair of adults, where not plain", "hair", NAMED_HAIR, asked("hair"))
    yield from tables(subject, named, (hair,), "portraits")
    job = Task("profession", "profession", PROFESSIONS, asked("profession"))
    work = load_dataset("professions", n=subject.count(1200), sign_share=0, **load)
    yield from tables(subject, work, (job, GENDER, TONE), "professions, no board")
    signs = load_dataset("professions", n=subject.count(1600), sign_share=1, **load)
    tasks = (
        Task("profession, by board", "profession", PROFESSIONS, asked("profession"), "sign_says"),
        Task("word on the board", "sign", SIGN_WORDS, asked("sign"), "sign_size"),
    )
    yield from tables(subject, signs, tasks, "professions, board")


def tables(
    subject: Subject, data: ImageDataset, tasks: Sequence[Task], pictures: str
) -> Iterator[Figure]:
    """Yield one row a task, or one a value of its `by` column."""
    x = subject.images(data)
    for task in tasks:
        truth = data.attributes[task.column].to_numpy(dtype=object)
        known = np.array([isinstance(value, str) and value != "" for value in truth])
        right = best_values(subject, x[known], task) == truth[known]
        groups = data.attributes[task.by].to_numpy()[known] if task.by else np.full(len(right), "")
        for group in _in_order(groups):
            chosen = groups == group
            figure = share(right[chosen], 1 / len(task.options))
            figure["most_frequent"] = most_frequent(truth[known][chosen])
            about = {"attribute": task.attribute, "pictures": pictures, "condition": group}
            yield {**about, "classes": len(task.options), "prompt": _example(task), **figure}


def most_frequent(truth: NDArray[np.object_]) -> float | None:
    """Return the share of the most frequent value: what always saying it would reach."""
    counts = np.unique(truth.astype(str), return_counts=True)[1]
    return rounded(counts.max() / len(truth))


def best_values(subject: Subject, x: NDArray[np.float32], task: Task) -> NDArray[np.object_]:
    """Return the candidate whose prompt is nearest to each image."""
    names = subject.texts([task.ask(value) for value in task.options])
    scale = subject.encoder.logit_scale
    return ZeroShotClassifier(names, list(task.options), scale).predict(x)


def _example(task: Task) -> str:
    return task.ask(task.options[0])


def _in_order(groups: NDArray[Any]) -> list[str]:
    """Return the groups, qualities and sizes in their own order."""
    found = {str(group) for group in groups}
    return sorted(
        found, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)
    )


def things(subject: Subject, artwork: str) -> Figure:
    """Return the mean average precision over things in pictures of several."""
    n = subject.count(1500, least=90)
    data = load_dataset("scenes", n=n, seed=ZERO_SHOT_SEED, artwork=artwork)
    truth: NDArray[np.bool_] = np.asarray(data.labels, dtype=bool)
    present: NDArray[np.bool_] = np.asarray(truth.any(axis=0))
    names = [name for name, seen in zip(data.classes, present, strict=True) if seen]
    scores = subject.images(data) @ subject.texts([prompt("thing", name) for name in names]).T
    noise = np.random.default_rng(ZERO_SHOT_SEED).random(scores.shape)
    found = bootstrap(lambda rows: mean_precision(scores[rows], truth[rows][:, present]), n)
    subject.say(f"multi-label scenes, artwork {artwork}")
    return {
        "artwork": artwork,
        **found,
        "things": len(names),
        "random": rounded(mean_precision(noise, truth[:, present])),
    }


def mean_precision(scores: NDArray[np.floating], truth: NDArray[np.bool_]) -> float:
    """Return the mean average precision over the columns with at least one hit."""
    seen = truth.any(axis=0)
    return float(average_precisions(scores[:, seen], truth[:, seen]).mean())


def average_precisions(
    scores: NDArray[np.floating], truth: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the average precision of each column, (classes,).

    Parameters
    ----------
    scores : float array (n, classes)
    truth : bool array (n, classes)
        Each column with at least one hit.
    """
    order = np.argsort(-scores, axis=0, kind="stable")
    hits = np.take_along_axis(truth, order, axis=0)
    precision = hits.cumsum(axis=0) / np.arange(1, len(hits) + 1)[:, None]
    found: NDArray[np.float64] = (precision * hits).sum(axis=0) / hits.sum(axis=0)
    return found
