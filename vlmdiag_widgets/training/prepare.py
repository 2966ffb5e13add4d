"""Draw the training scenes and compile their captions into arrays on disk.

The scenes are drawn in parts. A part is written whole or not at all, so that a drawing which was
stopped goes on with the parts that are missing.
"""

from __future__ import annotations

import errno
import json
import multiprocessing
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import open_clip

from vlmdiag_widgets._errors import InputError, WeightsError
from vlmdiag_widgets._progress import ProgressFn, no_progress
from vlmdiag_widgets.datasets.worlds.facts import Caption
from vlmdiag_widgets.training import corpus
from vlmdiag_widgets.training.architecture import CONTEXT, IMAGE_SIZE
from vlmdiag_widgets.training.export_demo import write_json

#: Scenes in a part, about: 12 kB each.
PART = 12_000

MANIFEST = "corpus.json"


def part_count(total: int, processes: int) -> int:
    """Return the number of parts: about `PART` scenes each, as many for each process."""
    return processes * max(1, round(total / PART / processes))


def draw_part(folder: Path, seed: int, part: int, parts: int, total: int) -> int:
    """Draw one part of the scenes, write pixels, facts and captions; return how many scenes."""
    start, stop = part * total // parts, (part + 1) * total // parts
    if (folder / f"captions{part}.npz").is_file():
        return stop - start
    pixels = np.empty((stop - start, IMAGE_SIZE, IMAGE_SIZE, 3), np.uint8)
    facts = np.empty((stop - start, len(corpus.VALUES)), np.uint8)
    texts: dict[str, tuple[int, Caption]] = {}
    rows: list[list[int]] = []
    for row, item in enumerate(corpus.samples(seed, start, stop, total)):
        pixels[row] = np.asarray(item.scene.draw(IMAGE_SIZE))
        facts[row] = corpus.fact_row(item.facts)
        captions = corpus.sample_captions(seed, start + row, item.facts)
        if not all(one.noisy or one.true_for(item.facts) for one in captions):
            raise AssertionError(f"a caption of scene {start + row} is not true of it")
        rows.append([texts.setdefault(one.text, (len(texts), one))[0] for one in captions])
    np.save(folder / f"pixels{part}.npy", pixels)
    _write_captions(folder, part, facts, rows, [one for _, one in texts.values()])
    return stop - start


def _write_captions(
    folder: Path, part: int, facts: Any, rows: list[list[int]], captions: list[Caption]
) -> None:
    table = corpus.ClauseTable()
    clauses = [table.row(one) for one in captions]
    tokenizer = open_clip.SimpleTokenizer(context_length=CONTEXT)
    words: set[str] = set()
    for one in captions:
        words.update(re.findall(r"[a-z]+", one.text))
    write_json(folder / f"words{part}.json", sorted(words))
    # The last file of a part: where it lies, the part is whole.
    partial = folder / f"captions{part}.partial.npz"
    np.savez(
        partial,
        facts=facts,
        rows=np.array(rows, np.int32),
        clauses=np.array(clauses, np.int32),
        matrix=np.asarray(table.matrix(), np.uint8),
        tokens=tokenizer([one.text for one in captions]).numpy().astype(np.int32),
    )
    partial.rename(folder / f"captions{part}.npz")


def compile_tokens(folder: Path, parts: int) -> int:
    """Renumber the tokens that occur; return how many there are.

    Number 0 stands for every token that never occurs; the others keep their order, so the end
    token still has the highest number, which is where open_clip reads the text's vector.
    """
    tokens = []
    words: set[str] = set()
    for part in range(parts):
        with np.load(folder / f"captions{part}.npz") as stored:
            tokens.append(stored["tokens"])
        words.update(json.loads((folder / f"words{part}.json").read_text(encoding="utf-8")))
    known = np.unique(np.concatenate([np.unique(block[block > 0]) for block in tokens]))
    for part, block in enumerate(tokens):
        numbers = np.where(block > 0, np.searchsorted(known, block) + 1, 0)
        np.save(folder / f"tokens{part}.npy", numbers.astype(np.int16))
    write_json(folder / "words.json", sorted(words))
    np.save(folder / "known.npy", known.astype(np.int64))
    return len(known)


def prepare(
    folder: Path, seed: int, total: int, processes: int, progress: ProgressFn = no_progress
) -> int:
    """Draw `total` scenes in so many processes, unless they are there; return the number of parts.

    Parameters
    ----------
    folder : Path
        Where the scenes go: about 13 kB each.
    seed : int
        The scenes' seed.
    total : int
        How many scenes.
    processes : int
        How many are drawn at a time.
    progress : ProgressFn
        Called with scenes drawn and scenes in all; may raise `Cancelled`.

    Raises
    ------
    InputError
        If the folder holds scenes that were drawn otherwise.
    WeightsError
        If the scenes cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = _manifest(folder, seed, total, processes)
    if (folder / "known.npy").is_file():
        return parts
    try:
        done = 0
        progress(done, total)
        for drawn in _draw(folder, seed, total, parts, processes):
            done += drawn
            progress(done, total)
        compile_tokens(folder, parts)
    except OSError as error:
        raise _cannot_write(folder, error) from error
    return parts


def _draw(folder: Path, seed: int, total: int, parts: int, processes: int) -> Iterator[int]:
    jobs = [(folder, seed, part, parts, total) for part in range(parts)]
    if processes == 1:
        yield from (draw_part(*job) for job in jobs)
        return
    with multiprocessing.get_context("spawn").Pool(processes, _ignore_interrupts) as pool:
        yield from pool.imap_unordered(_draw_job, jobs)


def _ignore_interrupts() -> None:
    # Ctrl-C reaches every process of a terminal; the one that started them ends them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _draw_job(job: tuple[Path, int, int, int, int]) -> int:
    return draw_part(*job)


def _manifest(folder: Path, seed: int, total: int, processes: int) -> int:
    """Return the number of parts of the folder; refuse one that was drawn otherwise."""
    wanted = {
        "seed": seed,
        "images": total,
        "rule": corpus.RULE,
        "composition": dict(corpus.COMPOSITION),
        "values": list(corpus.VALUES),
    }
    path = folder / MANIFEST
    if not path.is_file():
        parts = part_count(total, processes)
        write_json(path, {**wanted, "parts": parts})
        return parts
    found = json.loads(path.read_text(encoding="utf-8"))
    different = [name for name, value in wanted.items() if found.get(name) != value]
    if different:
        numbers = [name for name in ("seed", "images") if name in different]
        told = "; ".join(f"{n} was {found.get(n)!r}, now {wanted[n]!r}" for n in numbers)
        raise InputError(
            f"The scenes in {folder} were drawn otherwise: {told or ' and '.join(different)}.",
            "Give the same settings, or another folder to draw new scenes.",
        )
    return int(found["parts"])


def _cannot_write(folder: Path, error: OSError) -> WeightsError:
    full = error.errno == errno.ENOSPC
    return WeightsError(
        f"The training scenes cannot be written to {folder}: "
        f"{'the disk is full' if full else error.strerror or error}.",
        "Free some space or name another folder; what is whole stays and the drawing goes on.",
    )
