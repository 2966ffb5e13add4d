"""Save an audit to a folder and read it back; a save is whole or it did not happen.

The folder holds ``state.json`` and one ``data-…`` folder that it names. A save writes a new data
folder first and then replaces ``state.json`` in one step, so that a kill or a full disk at any
moment leaves the save before it as it was. Nothing is pickled.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vlmdiag_widgets._errors import InputError, VlmdiagError
from vlmdiag_widgets.audit import linear
from vlmdiag_widgets.audit.classifier import Spec
from vlmdiag_widgets.audit.images import build_table
from vlmdiag_widgets.audit.provenance import plain
from vlmdiag_widgets.audit.reopen import find_dataset, find_encoder
from vlmdiag_widgets.audit.results import Materials
from vlmdiag_widgets.audit.state import EDITABLE, POINTERS
from vlmdiag_widgets.audit.vectors import TextVectors

if TYPE_CHECKING:
    from vlmdiag_widgets.audit.audit import Audit

#: Version of the layout; a reader refuses what is newer than itself.
SCHEMA = 1
_ALWAYS = ("about.json", "text_vectors.npy", "classifier.npz")
_DATA = re.compile(r"data-[0-9a-f]{16}")


class SaveError(VlmdiagError, OSError):
    """An audit could not be written, or what was written is damaged."""


def save(audit: Audit, folder: str | os.PathLike[str]) -> None:
    """Write an audit into a folder, replacing an earlier save there.

    Embeddings and the classifier are computed first if they are not there yet. Pixels are not
    saved: pass the data set to `load`, unless it is a rendered one.

    Raises
    ------
    InputError
        The folder holds something else.
    SaveError
        The disk is full or refuses; an earlier save is still whole.
    """
    target = _path(folder)
    if target.is_file() or (
        target.is_dir()
        and not (target / "state.json").exists()
        and any(
            not entry.name.startswith(".tmp-") and not _DATA.fullmatch(entry.name)
            for entry in target.iterdir()
        )
    ):
        raise InputError(
            f"{str(target)!r} holds something other than a saved audit.",
            "Give a new folder, or that of an earlier save.",
        )
    files, head = _contents(audit)
    try:
        target.mkdir(parents=True, exist_ok=True)
        _write(target, files, head)
    except OSError as error:
        raise SaveError(
            f"The audit could not be saved to {str(target)!r}: {error}.",
            "Free some space or choose another folder; an earlier save there is still whole.",
        ) from error


def _path(folder: Any) -> Path:
    if not isinstance(folder, str | os.PathLike) or not str(folder):
        raise InputError(f"folder is {folder!r}; expected a path.", 'Write "audit/".')
    return Path(folder).expanduser()


def _contents(audit: Audit) -> tuple[dict[str, Callable[[Path], Any]], dict[str, Any]]:
    """Return file name → writer, and what ``state.json`` says besides the files."""
    m = audit._materials  # noqa: SLF001 - this module is the audit's own way to disk
    classifier, kind = _classifier_arrays(audit)
    with contextlib.suppress(VlmdiagError):  # no encoder, no texts: the rest is worth keeping
        audit.result("text_embeddings")
    texts, vectors = m.vectors.items()
    images = m.images
    about = {
        "ids": list(images.ids),
        "labels": None if images.labels is None else images.labels.tolist(),
        "classes": images.classes,
        "attributes": {name: list(images.attributes[name]) for name in images.attributes.columns},
        "split": list(images.split),
        "name": images.name,
        "notes": images.notes,
        "texts": texts,
        "pasted": None
        if m.pasted is None
        else {c: plain(list(m.pasted[c])) for c in m.pasted.columns},
    }
    files: dict[str, Callable[[Path], Any]] = {
        "about.json": lambda path: path.write_text(json.dumps(about), encoding="utf-8"),
        "text_vectors.npy": lambda path: np.save(path, vectors, allow_pickle=False),
        "classifier.npz": lambda path: np.savez(path, allow_pickle=False, **classifier),
    }
    if m.embeddings is not None or (m.encoder is not None and m.dataset is not None):
        x = audit.result("image_embeddings")
        files["image_embeddings.npy"] = lambda path: np.save(path, x, allow_pickle=False)
    with audit.lock:
        state = {name: plain(audit._state[name]) for name in (*EDITABLE, *POINTERS)}  # noqa: SLF001
    head = {
        "schema": SCHEMA,
        "title": audit.title,
        "seed": m.seed,
        "classifier": {"kind": kind, "made_by": m.spec.made_by, "title": m.spec.title},
        "state": {**state, "hover": None},
        "provenance": plain(audit.provenance()),
    }
    return files, head


def _classifier_arrays(audit: Audit) -> tuple[dict[str, Any], str]:
    m = audit._materials  # noqa: SLF001
    if m.images.multi_label or len(m.classes) < 2:
        return {}, "none"
    if m.spec.kind == "predictions":
        return {"proba": np.asarray(m.spec.proba)}, "predictions"
    arrays = linear.arrays_of(
        audit.result("classifier"), audit.result("image_embeddings"), m.classes
    )
    if arrays is not None:
        return arrays, "linear"
    return {"proba": audit.result("image_probabilities")}, "predictions"


def _write(target: Path, files: dict[str, Callable[[Path], Any]], head: dict[str, Any]) -> None:
    token = secrets.token_hex(8)
    part = target / f".tmp-{token}"
    try:
        part.mkdir()
        digests = {name: _written(part / name, write) for name, write in files.items()}
        data = target / f"data-{token}"
        part.rename(data)
        state = target / f".tmp-{token}.json"
        full = {**head, "data": data.name, "files": digests}
        _written(state, lambda path: path.write_text(json.dumps(full, indent=1), encoding="utf-8"))
        state.replace(target / "state.json")
    except BaseException:
        for leftover in (part, target / f"data-{token}"):
            shutil.rmtree(leftover, ignore_errors=True)
        with contextlib.suppress(OSError):
            (target / f".tmp-{token}.json").unlink()
        raise
    _sweep(target, keep=data.name)


def _written(path: Path, write: Callable[[Path], Any]) -> str:
    """Write one file through to the disk; return its digest."""
    write(path)
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    return _digest(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _sweep(target: Path, keep: str) -> None:
    """Remove data folders and parts that earlier saves left."""
    for entry in target.iterdir():
        ours = _DATA.fullmatch(entry.name) or entry.name.startswith(".tmp-")
        if ours and entry.name != keep:
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)


def load(
    cls: type[Audit], folder: str | os.PathLike[str], *, encoder: Any = None, dataset: Any = None
) -> Audit:
    """Read an audit; results that need neither pixels nor new texts are there without a model.

    Parameters
    ----------
    encoder, dataset : optional
        The ones the audit was made with; the embedded demo encoder and rendered data sets are
        found without being passed.

    Raises
    ------
    InputError
        There is no saved audit, it is of a newer version, or encoder or data set are not those
        it was made with.
    SaveError
        A file is missing or damaged.
    """
    target = _path(folder)
    head = _head(target)
    try:
        return _opened(cls, target / head["data"], head, encoder, dataset)
    except VlmdiagError:
        raise
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, OSError) as error:
        raise SaveError(
            f"The saved audit in {str(target)!r} is damaged ({type(error).__name__}: {error}).",
            "Save the audit again.",
        ) from error


def _opened(
    cls: type[Audit], data: Path, head: dict[str, Any], encoder: Any, dataset: Any
) -> Audit:
    _verify(data, head["files"])
    about = json.loads((data / "about.json").read_text(encoding="utf-8"))
    provenance = head["provenance"]
    dataset = find_dataset(dataset, about["ids"], provenance["dataset"])
    encoder = find_encoder(encoder, provenance["encoder"])
    materials = _materials(data, head, about, encoder, dataset)
    audit = cls._from_materials(
        materials, {n: head["state"][n] for n in EDITABLE if n in head["state"]}
    )
    audit.edit(**{n: head["state"][n] for n in POINTERS if head["state"].get(n) is not None})
    return audit


def _head(target: Path) -> dict[str, Any]:
    path = target / "state.json"
    if not path.is_file():
        raise InputError(
            f"There is no saved audit in {str(target)!r}.", "Give the folder that audit.save wrote."
        )
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
        schema, data = int(head["schema"]), str(head["data"])
        whole = {"files", "state", "provenance", "classifier", "seed"} <= set(head)
    except (ValueError, KeyError, TypeError) as error:
        raise SaveError(f"{str(path)!r} is damaged: {error}.", "Save the audit again.") from error
    if schema > SCHEMA or schema < 1:
        raise InputError(
            f"{str(target)!r} was saved in layout {schema}; this version reads 1 to {SCHEMA}.",
            "Update vlmdiag_widgets." if schema > SCHEMA else "Save the audit again.",
        )
    if not whole or not _DATA.fullmatch(data):
        raise SaveError(f"{str(path)!r} is damaged.", "Save the audit again.")
    return dict(head)


def _verify(data: Path, files: dict[str, str]) -> None:
    files = {**dict.fromkeys(_ALWAYS, ""), **files}
    for name, digest in files.items():
        path = data / Path(name).name
        if not path.is_file() or _digest(path) != digest:
            raise SaveError(
                f"{name} of the saved audit is missing or damaged.", "Save the audit again."
            )


def _materials(
    data: Path, head: dict[str, Any], about: dict[str, Any], encoder: Any, dataset: Any
) -> Materials:
    labels = about["labels"]
    images = build_table(
        labels=labels
        if labels is None or not labels or not isinstance(labels[0], list)
        else np.array(labels, dtype=bool),
        n=len(about["ids"]),
        ids=about["ids"],
        classes=about["classes"] or None,
        attributes=pd.DataFrame(about["attributes"], dtype=object),
        split=about["split"],
        name=about["name"],
    )
    images.notes[:] = about["notes"]
    vectors = np.load(data / "text_vectors.npy", allow_pickle=False)
    known = dict(zip(about["texts"], vectors, strict=True))
    path = data / "image_embeddings.npy"
    store = None
    if encoder is not None and hasattr(encoder, "key"):
        from vlmdiag_widgets.embeddings import EmbeddingStore

        store = EmbeddingStore()
    return Materials(
        images=images,
        vectors=TextVectors(encoder, store, known),
        spec=_spec(data, head["classifier"]),
        dataset=dataset,
        encoder=encoder,
        store=store,
        embeddings=np.load(path, allow_pickle=False) if path.exists() else None,
        pasted=None if about["pasted"] is None else _pasted(about["pasted"]),
        seed=int(head["seed"]),
    )


def _pasted(columns: dict[str, list[Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {name: pd.Series(values, dtype=object) for name, values in columns.items()}
    )
    return frame.astype({"text_id": "int64", "full": bool})


def _spec(data: Path, about: dict[str, str]) -> Spec:
    with np.load(data / "classifier.npz", allow_pickle=False) as arrays:
        kind, title, made_by = about["kind"], about["title"], about["made_by"]
        if kind == "predictions":
            return Spec("predictions", title, proba=arrays["proba"], source=made_by)
        if kind == "none":
            return Spec("probe", title, source=made_by)
        return Spec("estimator", title, estimator=linear.from_arrays(arrays), source=made_by)
