"""Draw the training scenes and compile their captions into arrays on disk."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import time
from pathlib import Path

import numpy as np
import open_clip

from vlmdiag_widgets.datasets.worlds.captions import Caption
from vlmdiag_widgets.training import corpus
from vlmdiag_widgets.training.architecture import CONTEXT, IMAGE_SIZE


def draw_part(folder: Path, seed: int, part: int, parts: int, total: int) -> None:
    """Draw one part of the scenes and write pixels, attributes and captions."""
    start, stop = part * total // parts, (part + 1) * total // parts
    shape = (stop - start, IMAGE_SIZE, IMAGE_SIZE, 3)
    pixels = np.lib.format.open_memmap(folder / f"pixels{part}.npy", "w+", np.uint8, shape)
    codes: list[list[int]] = []
    rows: list[list[int]] = []
    texts: dict[str, tuple[int, Caption]] = {}
    for row, item in enumerate(corpus.samples(seed, start, stop, total)):
        pixels[row] = np.asarray(item.scene.draw(IMAGE_SIZE))
        codes.append(corpus.attribute_codes(item.attributes))
        captions = corpus.sample_captions(seed, start + row, item.attributes)
        if not all(one.true_for(item.attributes) for one in captions):
            raise AssertionError(f"a caption of scene {start + row} is not true of it")
        rows.append([texts.setdefault(one.text, (len(texts), one))[0] for one in captions])
    pixels.flush()
    bits = [corpus.allowed_bits(one) for _, one in texts.values()]
    np.savez(
        folder / f"captions{part}.npz",
        codes=np.array(codes, np.int64),
        rows=np.array(rows, np.int32),
        bits=np.array(bits, np.int64),
    )
    (folder / f"texts{part}.json").write_text(json.dumps(list(texts)))


def compile_tokens(folder: Path, parts: int) -> int:
    """Tokenise the captions and renumber the tokens that occur; return how many there are.

    Number 0 stands for every token that never occurs; the others keep their order, so the end
    token still has the highest number, which is where open_clip reads the text's vector.
    """
    tokenizer = open_clip.SimpleTokenizer(context_length=CONTEXT)
    tokens = []
    for part in range(parts):
        texts = json.loads((folder / f"texts{part}.json").read_text())
        tokens.append(tokenizer(texts).numpy())
    known = np.unique(np.concatenate([block[block > 0] for block in tokens]))
    for part, block in enumerate(tokens):
        numbers = np.where(block > 0, np.searchsorted(known, block) + 1, 0)
        np.save(folder / f"tokens{part}.npy", numbers.astype(np.int64))
    write_words(folder, parts)
    np.save(folder / "known.npy", known)
    return len(known)


def write_words(folder: Path, parts: int) -> None:
    """Write the words that the captions use; a word may take several tokens."""
    words: set[str] = set()
    for part in range(parts):
        for text in json.loads((folder / f"texts{part}.json").read_text()):
            words.update(re.findall(r"[a-z]+", text))
    (folder / "words.json").write_text(json.dumps(sorted(words)))


def prepare(folder: Path, seed: int, total: int, parts: int) -> None:
    """Draw `total` scenes in so many processes; do nothing if they are there already."""
    if (folder / "known.npy").is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    jobs = [(folder, seed, part, parts, total) for part in range(parts)]
    if parts == 1:
        draw_part(*jobs[0])
    else:
        with multiprocessing.get_context("spawn").Pool(parts) as pool:
            pool.starmap(draw_part, jobs)
    drawn = time.perf_counter()
    words = compile_tokens(folder, parts)
    print(f"drew {total} scenes in {drawn - began:.0f} s; {words} tokens occur", flush=True)


def main() -> None:
    """Draw the scenes from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=120_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    prepare(arguments.folder, arguments.seed, arguments.images, arguments.processes)


if __name__ == "__main__":
    main()
