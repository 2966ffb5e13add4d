"""Gather what an audit is made from, and fill in the settings that the user left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from vlmdiag_widgets._errors import InputError, nearest_names
from vlmdiag_widgets.audit import classifier as classifiers
from vlmdiag_widgets.audit import infer
from vlmdiag_widgets.audit.images import ImageTable, build_table, check_embeddings, table_of
from vlmdiag_widgets.audit.results import Materials
from vlmdiag_widgets.audit.state import EDITABLE, Facts, State, check_attributes, checked
from vlmdiag_widgets.audit.templates import default_template, parse
from vlmdiag_widgets.audit.texts import pasted_texts
from vlmdiag_widgets.audit.vectors import TextVectors


def from_dataset(  # noqa: PLR0917 - what the constructor of Audit was given
    encoder: Any, dataset: Any, classifier: Any, texts: Any, store: Any, seed: int
) -> Materials:
    """Gather what an audit of a data set needs."""
    if dataset is None or not hasattr(dataset, "open"):
        raise InputError(
            f"dataset is {type(dataset).__name__}; expected an ImageDataset.",
            "Use vlmdiag_widgets.ImageDataset.from_folder(…), or Audit.from_embeddings(x, labels)"
            " for embeddings.",
        )
    _check_encoder(encoder, with_images=True)
    seed = _seed(seed)
    images = table_of(dataset, seed)
    spec = classifiers.read(classifier, images, getattr(dataset, "predictions", None))
    store = _store(store, encoder)
    return Materials(
        images=images,
        vectors=TextVectors(encoder, store),
        spec=spec,
        dataset=dataset,
        encoder=encoder,
        store=store,
        pasted=None if texts is None else pasted_texts(texts, images.classes),
        seed=seed,
    )


def from_arrays(
    x: Any,
    labels: Any,
    encoder: Any,
    texts: Any,
    text_embeddings: Any,
    *,
    attributes_table: Any,
    split: Any,
    ids: Any,
    classes: Any,
    composed: bool,
    classifier: Any,
    dataset: Any,
    store: Any,
    name: str,
    seed: int,
) -> Materials:
    """Gather what an audit of embeddings needs."""
    embeddings = check_embeddings(x, what="x")
    _check_encoder(encoder, with_images=False)
    seed = _seed(seed)
    images = _table(labels, len(embeddings), dataset, name, seed,
                    attributes=attributes_table, split=split, ids=ids, classes=classes)  # fmt: skip
    bank = _bank(texts, text_embeddings, embeddings.shape[1])
    store = _store(store, encoder)
    return Materials(
        images=images,
        vectors=TextVectors(encoder, store, bank),
        spec=classifiers.read(classifier, images, getattr(dataset, "predictions", None)),
        dataset=dataset,
        encoder=encoder,
        store=store,
        embeddings=embeddings,
        pasted=None if texts is None or composed else pasted_texts(texts, images.classes),
        seed=seed,
    )


def _table(labels: Any, n: int, dataset: Any, name: str, seed: int, **columns: Any) -> ImageTable:
    if dataset is not None:
        if len(dataset) != n:
            raise InputError(
                f"x has {n:,} rows, the data set {len(dataset):,} images.",
                "Row i of x must be the embedding of image i.",
            )
        own = {"attributes": dataset.attributes, "split": dataset.split, "ids": dataset.ids,
               "classes": list(dataset.classes) or None}  # fmt: skip
        columns = {key: own[key] if columns[key] is None else columns[key] for key in own}
        labels = dataset.labels if labels is None else labels
        name = str(dataset.name) if name == "embeddings" else name
    return build_table(labels=labels, n=n, name=name, seed=seed, **columns)


def _bank(texts: Any, embeddings: Any, dimensions: int) -> dict[str, Any]:
    if embeddings is None:
        return {}
    if texts is None:
        raise InputError(
            "text_embeddings are given without their texts.", "Pass texts=, in the same order."
        )
    names = list(texts["text"]) if isinstance(texts, pd.DataFrame) else list(texts)
    rows = check_embeddings(embeddings, len(names), "text_embeddings")
    if rows.shape[1] != dimensions:
        raise InputError(
            f"x has {dimensions} dimensions and text_embeddings {rows.shape[1]}.",
            "Both must come from the same model.",
        )
    return dict(zip(names, rows, strict=True))


def _check_encoder(encoder: Any, *, with_images: bool) -> None:
    wanted = ["encode_texts", *(["encode_images"] if with_images else [])]
    lost = [name for name in wanted if encoder is not None and not hasattr(encoder, name)]
    if lost:
        raise InputError(
            f"The encoder is a {type(encoder).__name__} without {' and '.join(lost)}.",
            'Use load_encoder("demo") or another encoder of this package.',
        )
    if not getattr(encoder, "reads_texts", True):
        raise InputError(
            f"{encoder.name} sees images only, and an audit asks its model about texts too.",
            'Use load_encoder("demo") or another vision-language model.',
        )


def _seed(given: Any) -> int:
    """Return a seed as a plain integer: without one the figures could not be repeated."""
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or given < 0:
        raise InputError(f"seed is {given!r}; expected a whole number from 0.", "Write seed=0.")
    return int(given)


def _store(given: Any, encoder: Any) -> Any:
    """Return the given store, the user's cache for encoders that name their weights, or None."""
    if given is False or encoder is None:
        return None
    if given is not None:
        return given
    if not hasattr(encoder, "key"):
        return None
    from vlmdiag_widgets.embeddings import EmbeddingStore

    return EmbeddingStore()


def first_state(facts: Facts, materials: Materials, given: Mapping[str, Any]) -> State:
    """Return the settings an audit starts with: what was given, the rest read from the data."""
    unknown = [name for name in given if name not in EDITABLE]
    if unknown:
        near = nearest_names(unknown[0], EDITABLE) or EDITABLE
        raise InputError(f"There is no setting {unknown[0]!r}.", f"Did you mean {near[0]!r}?")
    wanted = {name: value for name, value in given.items() if value is not None}
    groups = infer.find_groups(facts.images)
    empty: State = {
        "attributes": {}, "templates": [], "ensemble": False, "label_of": {}, "group_of": {},
        "target_class": None, "slice_by": ["class"], "gap": "open", "colour_by": "class",
        "focus": None, "hover": None, "saliency_target": None,
    }  # fmt: skip
    if materials.pasted is not None:
        return _pasted_state(facts, materials.pasted, wanted, groups, empty)
    attributes = _attributes(wanted, facts, groups, materials)
    if not attributes:
        return checked(empty, wanted, facts)
    base = {**empty, "attributes": attributes}
    label_of = wanted.get(
        "label_of", infer.label_of_for(attributes, facts.images, wanted.get("templates"))
    )
    wanted["label_of"] = label_of
    wanted.setdefault("group_of", {d: s for d, s in groups.items() if d not in attributes})
    wanted.setdefault("templates", _templates(attributes, label_of, materials))
    wanted["attributes"] = attributes
    wanted.setdefault(
        "slice_by", _slice_by(base, wanted, _suggestions(materials).get("slice_by", ()))
    )
    return checked(base, wanted, facts)


def _attributes(
    wanted: Mapping[str, Any], facts: Facts, groups: infer.GroupOf, m: Materials
) -> dict[str, Any]:
    if "attributes" in wanted:
        return check_attributes(wanted["attributes"])
    derived = {**groups, **dict(wanted.get("group_of", {}))}
    found = _asked(infer.default_attributes(facts.images, derived), m)
    told = "label_of" in wanted or facts.images.multi_label
    if facts.classes and not told and not infer.label_of_for(found, facts.images):
        # Nothing in the data tells the class of a text, so the class itself must be said.
        return {"category": list(facts.classes), **found}
    return found


def _asked(found: dict[str, list[str]], m: Materials) -> dict[str, list[str]]:
    """Return the attributes that the data set suggests for texts, where it has them all."""
    names = list(_suggestions(m).get("asked") or ())
    return {name: found[name] for name in names} if names and set(names) <= set(found) else found


def _templates(
    attributes: Mapping[str, Any], label_of: Mapping[str, Any], m: Materials
) -> list[str]:
    suggestions = _suggestions(m)
    suggested = list(suggestions.get("templates") or ())
    if suggested and all(set(parse(one).names) == set(attributes) for one in suggested):
        return suggested
    label = next(iter(label_of), next(iter(attributes)))
    return [default_template(attributes, label, str(suggestions.get("noun", "thing")))]


def _suggestions(m: Materials) -> Mapping[str, Any]:
    """Return what the data set carries: templates, noun, slice_by and asked may be suggestions."""
    found: Mapping[str, Any] = getattr(m.dataset, "provenance", None) or {}
    return found


def _slice_by(base: State, wanted: Mapping[str, Any], suggested: Sequence[str]) -> list[str]:
    if suggested and set(suggested) <= set(base["attributes"]):
        return list(suggested)
    groups = wanted.get("group_of") or {}
    derived = [name for name, sources in groups.items() if set(sources) & set(base["attributes"])]
    return ["class", derived[0]] if derived else list(base["attributes"])


def _pasted_state(
    facts: Facts, texts: pd.DataFrame, wanted: dict[str, Any], groups: infer.GroupOf, empty: State
) -> State:
    names = [n for n in texts.columns if n not in ("text_id", "text", "class", "template", "full")]
    values = {name: sorted(texts[name].dropna().unique()) for name in names}
    base = {
        **empty,
        "attributes": {name: list(map(str, v)) for name, v in values.items() if len(v)},
    }
    wanted.setdefault("group_of", {d: s for d, s in groups.items() if d not in names})
    for name in ("attributes", "templates", "ensemble"):
        wanted.pop(name, None)
    slices = ["class", *base["attributes"]] if np.any(texts["class"].notna()) else ["class"]
    wanted.setdefault("slice_by", slices)
    return checked(base, wanted, facts)
