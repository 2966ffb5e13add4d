"""The zero-shot, transfer and cost sections of a model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vlmdiag_widgets.training.evaluation.markdown import number, table

_ARTWORK = {
    "noto": "known artwork (Noto Emoji)",
    "fluent": "unseen artwork (Fluent Emoji Flat)",
    None: "drawn shapes",
}


SIMPLE = (
    "A coloured shape has so few properties that training pictures hardly different from those of "
    "the test exist."
)


def zero_shot_lines(found: Mapping[str, Any]) -> list[str]:
    """Return the zero-shot section: one table an artwork, the multi-label table."""
    lines = [
        "### Zero-shot",
        "",
        (
            "One prompt a value, the nearest by cosine is the answer; pictures of seed "
            f"{found['seed']}. Prompts are in the words of the training captions, one form for all "
            "values of an attribute, without an ensemble. Chance is what guessing reaches, the "
            "most frequent value what always answering that one does. Quality is asked where it is "
            "not normal, because captions say nothing of a normal one; hair of adults whose hair "
            "has a name."
        ),
        "",
    ]
    for artwork, title in _ARTWORK.items():
        rows = [row for row in found["rows"] if row.get("artwork") == artwork]
        if rows:
            lines += [f"#### {title[0].upper()}{title[1:]}", ""]
            lines += [SIMPLE, ""] if artwork is None else []
            lines += _zero_shot_table(rows)
    return [*lines, *_multi_label(found["multi_label"])]


def _zero_shot_table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    header = ["pictures", "asked", "condition", "accuracy", "n", "values", "chance"]
    header += ["most frequent", "prompt"]
    return table(
        header,
        [
            [
                *(row["pictures"], row["attribute"], row["condition"], row, row["n"]),
                *(row["classes"], row["chance"], row.get("most_frequent")),
                f"`{row['prompt']}`",
            ]
            for row in rows
        ],
    )


def _multi_label(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        "#### Several things in a picture",
        "",
        (
            "`scenes`: cosine to the prompt of each thing, mean average precision: for each thing "
            "the pictures are ordered by their cosine, and precision is averaged over the ranks of "
            "those that show it; then the mean over things. Random is the same of random scores."
        ),
        "",
        *table(
            ["artwork", "mean average precision", "random", "things", "n"],
            [[row["artwork"], row, row["random"], row["things"], row["n"]] for row in rows],
        ),
    ]


def transfer_lines(found: Mapping[str, Any]) -> list[str]:
    """Return the section on probes that change modality."""
    scenes = found["scenes"]
    paper = scenes["paper"]
    animals = [
        [row["trained on"], row["gap"], row["images"], row["texts"], row["consistency"]]
        for row in found["animals"]
    ]
    things = [
        [
            *(row["trained on"], row["gap"]),
            *(_f1(row[side]) for side in ("images", "texts")),
            row["consistency"],
        ]
        for row in scenes["rows"]
    ]
    first = found["animals"][0]["images"]
    return [
        "### Probe transfer",
        "",
        (
            "A linear probe is trained on one modality and tested on both (Zhang et al. 2023, "
            f"DrML, Table 2; {found['epochs']} epochs, rate {found['rate']}, seed "
            f"{found['seed']}). With the gap closed, the mean of each modality's training vectors "
            "is subtracted from its vectors. On `animals` a text is the picture's full caption "
            f"(accuracy over species, n = {first['n']}, chance {number(first['chance'])})."
        ),
        "",
        *table(["trained on", "gap", "on images", "on texts", "same answer"], animals),
        (
            "On `scenes` a text is one caption that leaves things out (micro F1, over all "
            f"decisions / macro F1, the mean over the {scenes['things']} things; "
            f"n = {scenes['n']}; the last row is a head with random weights). In the paper, CLIP "
            f"on COCO, micro F1 on images / texts: open {_pair(paper['open'])}, closed "
            f"{_pair(paper['closed'])}, random {_pair(paper['random'])}."
        ),
        "",
        *table(["trained on", "gap", "F1 on images", "F1 on texts", "same decision"], things),
    ]


def _f1(found: Mapping[str, float]) -> str:
    return f"{number(found['micro'])} / {number(found['macro'])}"


def _pair(values: Sequence[float]) -> str:
    return " / ".join(number(value) for value in values)


def cost_lines(found: Mapping[str, Any]) -> list[str]:
    """Return the section on speed and size."""
    megabytes = 1e6
    rows = [
        ["images a second, one core (drawing not counted)", found["images_per_second_one_core"]],
        ["texts a second, one core", found["texts_per_second_one_core"]],
        ["seconds to load in a new process (imports not counted)", found["load_seconds"]],
        [
            "parameters (with a row for each of CLIP's tokens, most of them alike)",
            found["parameters"],
        ],
        ["weights, MB", f"{found['weights_bytes'] / megabytes:.1f}"],
        [
            "weights as compressed in a wheel, MB",
            f"{found['weights_bytes_compressed'] / megabytes:.1f}",
        ],
    ]
    note = "The best of three runs, on a machine that may have had other work."
    return ["### Cost", "", note, "", *table(["what", "value"], rows)]
