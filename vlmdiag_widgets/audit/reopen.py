"""Find the encoder and the data set of a saved audit again, or check the ones given."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from vlmdiag_widgets._errors import InputError, VlmdiagError

logger = logging.getLogger("vlmdiag_widgets")


def find_encoder(given: Any, record: Mapping[str, Any] | None) -> Any:
    """Return the given encoder if it is the recorded one; the embedded demo is found by itself.

    Raises
    ------
    InputError
        The given encoder has other weights: its vectors would not fit the saved ones.
    """
    key = (record or {}).get("key")
    if given is not None:
        own = getattr(given, "key", None)
        if key is not None and own is not None and own != key:
            raise InputError(
                f"The audit was made with {record['name'] if record else 'another encoder'}, and "
                f"{getattr(given, 'name', 'this encoder')} has other weights or settings.",
                "Pass the encoder it was made with, or make a new audit.",
            )
        return given
    if record is None or not str(record.get("name", "")).startswith("demo"):
        return None
    return _demo(str(record["name"]), key)


def _demo(name: str, key: Any) -> Any:
    from vlmdiag_widgets.encoders import load_encoder

    try:
        encoder = load_encoder(name)
    except VlmdiagError as error:
        logger.info("The encoder %s was not found again: %s", name, error)
        return None
    return encoder if encoder.key == key else None


def find_dataset(given: Any, ids: Sequence[str], record: Mapping[str, Any]) -> Any:
    """Return the given data set if its ids are the saved ones; rendered ones are made again.

    Raises
    ------
    InputError
        The given data set has other images.
    """
    if given is not None:
        if [str(i) for i in given.ids] != list(ids):
            raise InputError(
                f"The data set {given.name!r} does not hold the {len(ids):,} images of the saved "
                "audit in the same order.",
                "Pass the data set it was made with.",
            )
        return given
    return _rendered(ids, record) if "source_world" in record else None


def _rendered(ids: Sequence[str], record: Mapping[str, Any]) -> Any:
    from vlmdiag_widgets.datasets import load_dataset

    knobs = dict(record.get("source_knobs") or {})
    try:
        dataset = load_dataset(
            str(record["source_world"]),
            n=len(ids),
            seed=int(record.get("source_seed", 0)),
            size=int(record.get("source_size", 256)),
            **knobs,
        )
    except (VlmdiagError, TypeError) as error:
        logger.info("The data set was not rendered again: %s", error)
        return None
    return dataset if [str(i) for i in dataset.ids] == list(ids) else None
