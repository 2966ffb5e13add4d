"""The five studies of a model card: one table with the papers' figures, then the details."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vlmdiag_widgets.training.evaluation.markdown import cell, number, p_value, table

NO_PAPER = "no like figure"


def study_lines(found: Mapping[str, Any]) -> list[str]:
    """Return the section: overview, details of each study, the planted failure."""
    return [
        "### Five studies",
        "",
        "Each repeats a finding of a paper in the drawn worlds.",
        "",
        *table(["study", "figure", "here", "n", "paper"], _overview(found)),
        *_gap(found["gap"]),
        *_dspritesv(found["dspritesv"]),
        *_waterbirds(found["waterbirds"]),
        *_portraits(found["portraits"]),
        *_professions(found["professions"]),
        *_failure(found["failure"]),
    ]


def _overview(found: Mapping[str, Any]) -> list[list[Any]]:
    gap = {row["statistic"]: row for row in found["gap"]["rows"]}
    shapes, birds = found["dspritesv"], found["waterbirds"]
    faces, work = found["portraits"], found["professions"]
    rows = [
        ["1 gap, `scenes`", name, gap[name]["after"], gap[name]["after"]["n"], gap[name]["paper"]]
        for name in ("magnitude, class", "direction, class", "orthogonality")
    ]
    for name in ("spearman", "pearson"):
        one = shapes["correlations"][f"{name}, image probability"]
        what = f"{name.capitalize()}, text against image slices"
        rows.append(["2 `dspritesv`", what, one, f"{one['n']} seeds", shapes["paper"][name]])
    for one in birds:
        drop = one["majority_minus_minority"]
        what = f"majority minus minority accuracy, spurious share {one['spurious']:.2f}"
        rows.append(["3 `waterbirds`", what, drop, drop["n"], _paper_drop(one)])
    for one in faces["cases"]:
        skew = one["favoured_minus_others"]
        what = f"accuracy on {faces['favoured']} minus other tones"
        how = f"{one['artwork']} artwork, {one['training']} training"
        rows.append(["4 `portraits`", f"{what}, {how}", skew, skew["n"], faces["paper"]])
    for one in work["cases"]:
        rare = one["common_minus_rare"]
        what = f"accuracy on common minus rare gender, {one['artwork']} artwork"
        rows.append(["5 `professions`", what, rare, rare["n"], NO_PAPER])
    return rows


def _paper_drop(one: Mapping[str, Any]) -> float:
    """Return the paper's mean majority accuracy minus its mean minority accuracy."""
    seen: dict[bool, list[float]]
    seen = {flag: [row["paper"][1] for row in one["groups"] if row["minority"] is flag]
            for flag in (True, False)}  # fmt: skip
    return sum(seen[False]) / len(seen[False]) - sum(seen[True]) / len(seen[True])


def _seeds(found: Mapping[str, Any]) -> str:
    return ", ".join(map(str, found["seeds"]))


def _gap(found: Mapping[str, Any]) -> list[str]:
    rows = [
        [row["statistic"], row["before"], row["after"], row["after"]["n"], row["paper"]]
        for row in found["rows"]
    ]
    return [
        "#### 1 The modality gap before and after training",
        "",
        (
            f"{found['pairs']:,} pictures of `scenes` (seed {found['seed']}) with their first "
            f"captions; {found['classes']} things as classes. Mean ± standard deviation over n. "
            "The paper's figures are those of CLIP on COCO (Zhang et al. 2023, DrML, Table 1)."
        ),
        "",
        *table(["statistic", "before training", "after training", "n", "paper"], rows),
    ]


def _dspritesv(found: Mapping[str, Any]) -> list[str]:
    at_paper_share = found["correlations_at_paper_share"]
    correlations = [
        [_capital(name), one, at_paper_share[name], one["n"]]
        for name, one in found["correlations"].items()
    ]
    slices = [
        [one["slice"], one["text_score"], one["image_score"], one["image_accuracy"], one["n"]]
        for one in found["slices"]
    ]
    paper = found["paper"]
    return [
        "#### 2 Texts predict which slices fail: `dspritesv`",
        "",
        found["protocol"],
        "",
        (
            f"Mean over seeds {_seeds(found)} of data and probe. The paper (Table 3) has Spearman "
            f"{number(paper['spearman'])} and Pearson {number(paper['pearson'])} with 80 templates "
            "a slice, against CLIP's images."
        ),
        "",
        *table(
            [
                *("correlation", f"share {found['share']:g}"),
                *(f"the paper's share {found['paper_share']:g}", "seeds"),
            ],
            correlations,
        ),
        f"At share {found['share']:g} by colour and shape, means over sizes and seeds:",
        "",
        *table(
            ["slice", "text probability", "image probability", "image accuracy", "images"], slices
        ),
    ]


def _capital(name: str) -> str:
    """Return the name of a correlation with the names of people in capitals."""
    return name.replace("spearman", "Spearman").replace("pearson", "Pearson")


def _waterbirds(found: list[Mapping[str, Any]]) -> list[str]:
    lines = ["#### 3 A spurious background: `waterbirds`", "", found[0]["protocol"], ""]
    for one in found:
        rows = [
            [row["group"], row["text"], row["image"], row["image"]["n"], *row["paper"]]
            for row in one["groups"]
        ]
        lines += [
            (
                f"Spurious share {one['spurious']:.2f}, seeds {_seeds(one)} pooled; the texts name "
                f"the two minority groups as worst in {one['texts_name_the_minorities']}. The "
                "paper's share is 0.95 (Table 4)."
            ),
            "",
            *table(
                ["group", "text probability", "image accuracy", "n", "paper text", "paper image"],
                rows,
            ),
        ]
    return lines


def _portraits(found: Mapping[str, Any]) -> list[str]:
    cases = [
        [
            *(one["artwork"], one["training"], one["favoured"], one["favoured"]["n"]),
            *(one["others"], one["others"]["n"], one["favoured_minus_others"], one["by_text"]),
        ]
        for one in found["cases"]
    ]
    tones = [
        [one["artwork"], one["training"], row["tone"], row["text"], row["image"], row["image"]["n"]]
        for one in found["cases"]
        for row in one["tones"]
    ]
    return [
        "#### 4 One group favoured in training: `portraits`",
        "",
        (
            f"A woman/man probe. In the skewed training portraits {found['skew']:.1%} have the "
            f"tone {found['favoured']}, in the even ones a fifth; the test portraits have all "
            f"tones equally. Seeds {_seeds(found)} pooled. The encoder was trained with the noto "
            "artwork in all tones evenly and tells these drawings apart whatever the probe has "
            "seen; on the fluent artwork, new to it, the skew shows. The last column is the same "
            "difference of the text probabilities. The paper's figure is FairFace, the favoured "
            "group minus the mean of three others (Table 4)."
        ),
        "",
        *table(
            [
                *("artwork", "training", found["favoured"], "n", "other tones", "n"),
                *("difference", "by texts"),
            ],
            cases,
        ),
        *table(["artwork", "training", "tone", "text probability", "image accuracy", "n"], tones),
    ]


def _professions(found: Mapping[str, Any]) -> list[str]:
    heads = [
        [
            *(one["artwork"], row["head"], row["rare gender"], row["rare gender"]["n"]),
            *(row["common gender"], row["common gender"]["n"]),
        ]
        for one in found["cases"]
        for row in one["rows"]
    ]
    return [
        "#### 5 Gender that goes with the profession: `professions`",
        "",
        (
            "A linear head on frozen features names twelve professions. For one head gender goes "
            f"with the profession in training ({0.5 + found['gender_skew'] / 2:.0%} of each "
            "profession have its common gender), for the other it does not; test images have both "
            f"equally. Seeds {_seeds(found)} pooled. The encoder was trained with every profession "
            "of the noto artwork in both genders; the fluent artwork is new to it."
        ),
        "",
        *table(["artwork", "head", "rare gender", "n", "common gender", "n"], heads),
        *(_profession_tests(one) for one in found["cases"]),
        "",
    ]


def _profession_tests(one: Mapping[str, Any]) -> str:
    counts, said = one["mcnemar"], one["text_probability"]
    return (
        f"- {one['artwork']} artwork, gender-bound head: common minus rare gender "
        f"{cell(one['common_minus_rare'])}, Fisher's exact test {p_value(one['fisher_p'])}. On the "
        f"rare gender, only the balanced head is right on {counts['only_balanced_right']} images "
        f"and only the gender-bound one on {counts['only_biased_right']}: McNemar's exact test "
        f"{p_value(counts['p'])}. The gender-bound head's mean probability of the profession for "
        f"texts is {cell(said['rare gender'])} with the rare gender and "
        f"{cell(said['common gender'])} with the common one."
    )


def _failure(found: Mapping[str, Any]) -> list[str]:
    rows = [
        [
            *(one["seed"], one["accuracy"]["planted"], one["accuracy"]["others"]),
            *(one["flagged"]["planted"], one["flagged"]["others"]),
            *(one["strength"], p_value(one["p"]), _errors(one["validation"])),
            f"“{one['hardest_captions'][0]}”" if one["hardest_captions"] else None,
        ]
        for one in found["cases"]
    ]
    name, _, place = found["planted"].partition(" in the ")
    return [
        "#### A planted failure and its direction",
        "",
        (
            f"A probe tells dogs from cats; of its training images those in the {place} show cats "
            f"only, and all others dogs only (`animals`, {found['artwork']} artwork: on the known "
            "artwork a probe names the dogs even so). The failure direction of "
            f"{name}s separates the right from the wrong among the validation images (Jain et al. "
            "2023, Distilling model failures as directions): strength is its balanced accuracy "
            "(mean of the shares found among right and wrong) in cross-validation at the best C, "
            "p is by permutation. Flagged are test images on its wrong side. The "
            f"hardest caption is chosen among twelve, one a place; the planted one says {place}."
        ),
        "",
        *table(
            [
                *("seed", f"accuracy, {found['planted']}", f"{name} elsewhere"),
                *(f"flagged, {found['planted']}", f"{name} elsewhere"),
                *("strength", "permutation test", "validation errors", "hardest caption"),
            ],
            rows,
        ),
    ]


def _errors(found: Mapping[str, int]) -> str:
    return f"{found['errors']} of {found['n']}"
