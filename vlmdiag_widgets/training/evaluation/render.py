"""Model cards as pages: ``docs/models/<name>.md`` from each encoder's ``card.json``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vlmdiag_widgets.training.evaluation import cards
from vlmdiag_widgets.training.evaluation.markdown import cell, flat, prose, table
from vlmdiag_widgets.training.evaluation.render_studies import study_lines
from vlmdiag_widgets.training.evaluation.render_tables import (
    cost_lines,
    transfer_lines,
    zero_shot_lines,
)
from vlmdiag_widgets.training.evaluation.summary import summary_lines

#: What each encoder is, by the first part of its name.
ABOUT = {
    "demo": "a small vision-language model (open_clip's CLIP with a ResNet), embedded in this "
    "package so that every view works without a download",
    "demo-vit": "the twin of `demo` with a vision transformer: the same pictures and captions, "
    "another architecture",
    "demo-resnet": "a small network that sees images only, trained to name the species in drawn "
    "pictures of animals",
    "demo-ssl": "a small network that sees images only, trained without labels to find another "
    "view of the same picture",
    "demo-convnext": "a small network that sees images only, of another architecture, trained to "
    "name the species in drawn pictures of animals",
}

#: Known weaknesses: figures of fewer pictures are left out, so many are listed.
FEW, LISTED = 50, 6

WORDS = (
    "It knows the drawn world of this package only: nothing here says anything about "
    "photographs, and words outside its vocabulary mean nothing to it."
)
#: True of all of them.
LIMITS = (
    (
        "The pictures of training and test differ in seed, not in kind: on the known artwork each "
        "animal, thing or kind of person is one drawing, the same in training and test, turned, "
        "scaled and put elsewhere. High figures there are those of a closed world. The second "
        "artwork, by other artists but of the same emoji, tells what is left on one other style; "
        "nothing was trained to do well on it."
    ),
)
#: True of those that were trained on drawn people.
PEOPLE = (
    (
        "The people are emoji. They come as two genders, five skin tones, four ages and a few "
        "kinds of hair **because the artwork has these**, one or two drawings of each. No figure "
        "on this page says anything about real people, about professions, or about how any other "
        "model treats them."
    ),
    (
        "A difference between skin tones or genders here was put into the training data of a probe "
        "on purpose, to try whether a diagnosis finds it. It is neither a finding about CLIP nor a "
        "measure of fairness."
    ),
)


def render_all(out: Path | None = None) -> list[Path]:
    """Write a page for each embedded encoder, and their index; return the files."""
    folder = cards.DOCS if out is None else out
    folder.mkdir(parents=True, exist_ok=True)
    known = {one.name: one.card() for one in cards.shipped()}
    if out is not None:
        # What was just measured goes before what is shipped.
        known |= {path.stem: cards.read_json(path) for path in sorted(out.glob("*.json"))}
    pages = {f"{name}.md": page(card) for name, card in known.items()}
    pages["README.md"] = index(list(known.values()))
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in pages]


def index(found: list[dict[str, Any]]) -> str:
    """Return the page that lists the encoders."""
    rows = [[f"[{card['name']}]({card['name']}.md)", _about(card["name"])] for card in found]
    lines = [
        "# Embedded encoders",
        "",
        "Small models that come with the package, so that every view works without a download.",
        "They were trained on the drawn worlds of `vlmdiag_widgets.load_dataset` and know nothing",
        "else. Each page is made from the encoder's `card.json`; all figures are measured again by",
        "",
        "```",
        "python -m vlmdiag_widgets.training.evaluation",
        "```",
        "",
        *table(["encoder", "what it is"], rows),
    ]
    return "\n".join(lines)


def _about(name: str) -> str:
    return ABOUT.get(name.split("@", maxsplit=1)[0], "a small model of the drawn worlds")


def page(card: Mapping[str, Any]) -> str:
    """Return the page of one encoder.

    Parameters
    ----------
    card : mapping
        Content of ``card.json``: "name", "training", "measured", and maybe "data" and "limits".
    """
    name = card["name"]
    lines = [
        f"# {name}",
        "",
        f"`load_encoder({name.split('@')[0]!r})` is {_about(name)}.",
        "",
        "This page is made from the encoder's `card.json` by",
        "`python -m vlmdiag_widgets.training.evaluation`; do not edit it.",
        "",
        *summary_lines(card),
        *_training(card),
        *_measured(card.get("measured", {})),
        *_limits(card),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _training(card: Mapping[str, Any]) -> list[str]:
    training = dict(card.get("training", {}))
    rule, note = training.pop("captions", None), training.pop("note", None)
    data = card.get("data", {})
    data = data if isinstance(data, Mapping) else {"training": data}
    told = {**training.pop("settings", {})}
    if "composition" in training:
        training["share of the training scenes"] = training.pop("composition")
    facts = [*flat({"data": data}), *flat(training)]
    lines = ["## Training", "", *table(["what", "value"], facts)]
    if told:
        lines += [
            "Settings of the run, seed included:",
            "",
            *table(["setting", "value"], flat(told)),
        ]
    if note:
        lines += [f"**What happened in this run:** {prose(note)}", ""]
    if rule:
        lines += ["**How captions are made**, fixed before training:", "", prose(str(rule)), ""]
    return lines


def _measured(measured: Mapping[str, Any]) -> list[str]:
    if "about" not in measured:
        return _plain(measured)
    lines = ["## Measured", "", *_how(measured["about"])]
    if "zero_shot" in measured:
        lines += zero_shot_lines(measured["zero_shot"])
    if "studies" in measured:
        lines += study_lines(measured["studies"])
    if "transfer" in measured:
        lines += transfer_lines(measured["transfer"])
    if "cost" in measured:
        lines += cost_lines(measured["cost"])
    return lines


def _how(about: Mapping[str, Any]) -> list[str]:
    versions = ", ".join(f"{name} {value}" for name, value in about["versions"].items())
    return [
        (
            f"On {about['pictures']:,} pictures in {about['seconds']:.0f} s ({about['machine']}; "
            f"{versions}). Brackets hold 95% intervals: Wilson's for shares, Newcombe's for "
            "differences of shares, Student's over seeds for correlations, bootstrap over pictures "
            "for mean average precision. No picture and no rendering of a place was trained on."
        ),
        "",
        (
            "The intervals say how far a figure depends on the pictures that were drawn for the "
            "test, for **this one** trained encoder: one trained from another seed may differ by "
            "more. Where seeds are pooled, the images of a seed share a probe and its training "
            "images, so that the intervals and p-values there are somewhat too narrow and too "
            "small. Nothing is corrected for the number of figures on this page: about one in "
            "twenty intervals misses."
        ),
        "",
    ]


def _plain(measured: Mapping[str, Any]) -> list[str]:
    """Return the figures of a network that sees images only, one a line."""
    if not measured:
        return ["## Measured", "", "Nothing yet.", ""]
    from vlmdiag_widgets.training.evaluate_vision import FIT_SEED, TEST_SEED

    rows = [(name, _share(value)) for name, value in _leaves(measured)]
    note = (
        "Shares with their number of pictures and Wilson's 95% interval. Pictures for fitting "
        f"probes have seed {FIT_SEED}, those for testing seed {TEST_SEED}; none was trained on."
    )
    return ["## Measured", "", note, "", *table(["figure", "value"], rows)]


def _leaves(content: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in content.items():
        words = f"{prefix}{name.replace('_', ' ')}"
        if isinstance(value, Mapping) and "share" not in value:
            found += _leaves(value, f"{words} · ")
        else:
            found.append((words, value))
    return found


def _share(value: Any) -> str:
    if isinstance(value, Mapping) and "share" in value:
        low, high = value["interval"]
        return f"{value['share']:.3f} [{low:.3f}, {high:.3f}], n = {value['n']}"
    return cell(value)


def _limits(card: Mapping[str, Any]) -> list[str]:
    images_only = isinstance(card.get("data"), Mapping)
    first = [str(card["limits"])] if card.get("limits") else [WORDS]
    people = ["It has seen no drawn person."] if images_only else list(PEOPLE)
    lines = [f"- {line}" for line in [*first, *LIMITS, *people]]
    return ["## What must not be concluded", "", *lines, "", *_weaknesses(card)]


def _weaknesses(card: Mapping[str, Any]) -> list[str]:
    """Return the lowest rows of the zero-shot table, and what new artwork costs most."""
    rows = card.get("measured", {}).get("zero_shot", {}).get("rows", [])
    known = [row for row in rows if row.get("artwork", "noto") == "noto" and row["n"] >= FEW]
    if not known:
        return []
    worst = [
        f"- {_asked(row)}: {cell(row)} (chance {cell(row['chance'])}, n = {row['n']})."
        for row in sorted(known, key=_above_chance)[:LISTED]
    ]
    losses = [
        f"- {_asked(new)}: {cell(old)} → {cell(new)} (n = {old['n']} and {new['n']})."
        for old, new in sorted(_pairs(rows), key=lambda two: two[1]["value"] - two[0]["value"])
    ]
    return [
        *("## Known weaknesses", "", "The lowest zero-shot figures on known artwork:", "", *worst),
        *("", "The largest losses on unseen artwork:", "", *losses[:LISTED], ""),
    ]


def _asked(row: Mapping[str, Any]) -> str:
    condition = f", {row['condition']}" if row["condition"] else ""
    return f"{row['attribute']} on {row['pictures']}{condition}"


def _pairs(rows: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the rows without condition on known and on unseen artwork, side by side."""
    sides: dict[str, dict[str, dict[str, Any]]] = {"noto": {}, "fluent": {}}
    for row in rows:
        if not row["condition"] and row.get("artwork") in sides:
            sides[row["artwork"]][_asked(row)] = row
    both = sides["noto"].keys() & sides["fluent"].keys()
    return [(sides["noto"][name], sides["fluent"][name]) for name in sorted(both)]


def _above_chance(row: Mapping[str, Any]) -> float:
    """Return the share of the way from chance to 1."""
    return float((row["value"] - row["chance"]) / (1 - row["chance"]))
