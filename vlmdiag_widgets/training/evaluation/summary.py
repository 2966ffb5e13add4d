"""What a reader of a card should know first: what the encoder is good at, and what not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vlmdiag_widgets.training.evaluation.markdown import cell, number, table
from vlmdiag_widgets.training.evaluation.targets import TARGETS, Target

Row = Mapping[str, Any]

#: Accuracies from which on, and below which, an attribute is said to be known or not.
GOOD, POOR = 0.95, 0.75
#: From this difference on, the texts' figure is said to be another than that of the images.
FAR = 0.1


def summary_lines(card: Mapping[str, Any]) -> list[str]:
    """Return the section: sentences, then what was wanted and reached."""
    measured = card.get("measured", {})
    if "zero_shot" in measured:
        said = [*_zero_shot(measured["zero_shot"]["rows"]), *_unexpected(measured)]
        return ["## In short", "", *said, "", *_targets(measured)]
    if "features" in measured:
        return ["## In short", "", *_images_only(measured), ""]
    return []


def _zero_shot(rows: Sequence[Row]) -> list[str]:
    known = [row for row in rows if row.get("artwork", "noto") == "noto" and not row["condition"]]
    new = [row for row in rows if row.get("artwork") == "fluent" and not row["condition"]]
    lines = _split(known, "On the artwork of its training, zero-shot")
    return lines + _split(new, "On artwork it has not seen, zero-shot")


def _split(rows: Sequence[Row], where: str) -> list[str]:
    """Return who is named well and who badly; n and intervals stand in the tables below."""
    well = [row["attribute"] for row in rows if row["value"] >= GOOD]
    badly = sorted((row for row in rows if row["value"] < POOR), key=lambda row: row["value"])
    lines = []
    if well:
        lines.append(f"- {where}, at least {GOOD:.0%} right: {'; '.join(dict.fromkeys(well))}.")
    if badly:
        told = "; ".join(
            f"{row['attribute']} ({row['pictures']}) {number(row['value'])}, chance "
            f"{number(row['chance'])}"
            for row in badly
        )
        lines.append(f"- {where}, below {POOR:.0%}: {told}.")
    return lines


def _unexpected(measured: Mapping[str, Any]) -> list[str]:
    """Return what the studies did not find though the papers' methods would have it."""
    lines = []
    for one in measured.get("studies", {}).get("waterbirds", []):
        rare = [row for row in one["groups"] if row["minority"]]
        images, texts = (_mean(values) for values in (
            [row["image"]["value"] for row in rare], [row["text"] for row in rare]
        ))  # fmt: skip
        if images is not None and texts is not None and abs(texts - images) > FAR:
            lines.append(
                f"- Texts rank groups and do not measure them: in `waterbirds` at a spurious share "
                f"of {one['spurious']:g} the probe is right on {number(images)} of the minority "
                f"images, while its mean probability of the true class is {number(texts)} for the "
                "texts about them."
            )
    for one in measured.get("studies", {}).get("portraits", {}).get("cases", []):
        drop = one["favoured_minus_others"]
        if drop["low"] is not None and drop["low"] > 0 and one["by_text"] < drop["value"] / 2:
            lines.append(
                f"- Texts understate or miss a failure: in `portraits`, {one['artwork']} artwork, "
                f"{one['training']} training, the favoured tone is ahead by {number(drop['value'])}"
                f" on images and by {number(one['by_text'])} on texts."
            )
    rows = measured.get("transfer", {}).get("scenes", {}).get("rows", [])
    floor = [row for row in rows if row["trained on"] == "nothing"]
    for row in rows:
        other = "texts" if row["trained on"] == "images" else "images"
        if floor and row not in floor and row[other]["micro"] <= floor[0][other]["micro"]:
            lines.append(
                f"- A probe does not always change modality: on `scenes`, trained on "
                f"{row['trained on']} with the gap {row['gap']}, its micro F1 on {other} is "
                f"{number(row[other]['micro'])}, no better than random weights "
                f"({number(floor[0][other]['micro'])})."
            )
    return lines


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _targets(measured: Mapping[str, Any]) -> list[str]:
    rows = [_target(one, one.find(measured)) for one in TARGETS]
    missed = sum(row[-1] == "**missed**" for row in rows)
    known = sum(row[-1] != "not measured" for row in rows)
    return [
        (
            "Wanted figures were set before training, for `demo` on known artwork; by value, its "
            f"interval aside, {known - missed} of {known} are met here."
        ),
        "",
        *table(["figure", "wanted", "reached", "n", ""], rows),
    ]


def _target(one: Target, found: Row | None) -> list[Any]:
    sign = "≤" if one.most else "≥"
    wanted = f"{sign} {one.wanted:g}"
    if found is None:
        return [one.words, wanted, None, None, "not measured"]
    reached = cell(found) if "n" in found else f"{found['value']:g}"
    return [one.words, wanted, reached, found.get("n"), "met" if one.met(found) else "**missed**"]


def _images_only(measured: Mapping[str, Any]) -> list[str]:
    lines = []
    if "species" in measured:
        everything, other = measured["species"]["all"], measured["species_other_artwork"]
        lines.append(
            f"- It names the species in {everything['share']:.1%} of new pictures (n = "
            f"{everything['n']}), in {other['share']:.1%} of pictures in artwork it has not seen "
            f"(n = {other['n']}); chance is {measured['chance']:.1%}."
        )
    trained, start = (measured["features"][name] for name in ("trained", "random_weights"))
    for name in ("species", "place"):
        after, before = trained[name]["linear_probe"], start[name]["linear_probe"]
        verdict = _verdict(after, before)
        lines.append(
            f"- A linear probe of its features names the {name} in {after['share']:.1%}, of the "
            f"same network with random weights in {before['share']:.1%}: training {verdict}."
        )
    return lines


def _verdict(after: Row, before: Row) -> str:
    """Return what training did to a share, where the intervals do not overlap."""
    if after["interval"][0] > before["interval"][1]:
        return "helps"
    if after["interval"][1] < before["interval"][0]:
        return "takes away from it"
    return "makes no clear difference"
