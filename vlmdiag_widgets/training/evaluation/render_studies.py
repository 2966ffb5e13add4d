"""The five studies of a model card: one table with the papers' figures, then the details."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vlmdiag_widgets.training.evaluation.markdown import cell, number, table

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
    skew = faces["favoured_minus_others"]
    what = f"accuracy on {faces['favoured']} minus other tones"
    rows.append(["4 `portraits`", what, skew, skew["n"], faces["paper"]])
    rare = work["common_minus_rare"]
    rows.append(
        ["5 `professions`", "accuracy on common minus rare gender", rare, rare["n"], NO_PAPER]
    )
    return rows


def _paper_drop(one: Mapping[str, Any]) -> float:
    """Return the paper's mean majority accuracy minus its mean minority accuracy."""
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
            f"captions; {found['classes']} things as classes. Mean ± standard deviation over n. The "
            "paper's figures are those of CLIP on COCO (Zhang et al. 2023, DrML, Table 1)."
        ),
        "",
        *table(["statistic", "before training", "after training", "n", "paper"], rows),
    ]


def _dspritesv(found: Mapping[str, Any]) -> list[str]:
    correlations = [[name, one, one["n"]] for name, one in found["correlations"].items()]
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
            f"{number(paper['spearman'])} and Pearson {number(paper['pearson'])} with 80 templates a "
            "slice, against CLIP's images."
        ),
        "",
        *table(["correlation", "mean over seeds", "seeds"], correlations),
        "By colour and shape, means over sizes and seeds:",
        "",
        *table(
            ["slice", "text probability", "image probability", "image accuracy", "images"], slices
        ),
    ]


def _waterbirds(found: list[Mapping[str, Any]]) -> list[str]:
    lines = ["#### 3 A spurious background: `waterbirds`", ""]
    for one in found:
        rows = [
            [row["group"], row["text"], row["image"], row["image"]["n"], *row["paper"]]
            for row in one["groups"]
        ]
        lines += [
            (
                f"Spurious share {one['spurious']:.2f}, seeds {_seeds(one)} pooled; the texts name the "
                f"two minority groups as worst in {one['texts_name_the_minorities']}. The paper's "
                "share is 0.95 (Table 4)."
            ),
            "",
            *table(
                ["group", "text probability", "image accuracy", "n", "paper text", "paper image"],
                rows,
            ),
        ]
    return lines


def _portraits(found: Mapping[str, Any]) -> list[str]:
    rows = [[row["tone"], row["text"], row["image"], row["image"]["n"]] for row in found["tones"]]
    return [
        "#### 4 One group favoured in training: `portraits`",
        "",
        (
            f"A woman/man probe; {found['skew']:.1%} of the training portraits have the tone "
            f"{found['favoured']}, the test portraits all tones equally. Seeds {_seeds(found)} pooled. "
            f"By texts the favoured tone is ahead by {cell(found['favoured_minus_others_by_text'])}. "
            "The paper's figure is FairFace, the favoured group minus the mean of three others "
            "(Table 4)."
        ),
        "",
        *table(["tone", "text probability", "image accuracy", "n"], rows),
    ]


def _professions(found: Mapping[str, Any]) -> list[str]:
    rows = [[row["head"], row["rare gender"], row["common gender"]] for row in found["rows"]]
    counts, said = found["mcnemar"], found["text_probability"]
    first = found["rows"][0]
    return [
        "#### 5 Gender that goes with the profession: `professions`",
        "",
        (
            f"A linear head on frozen features names twelve professions. For one head gender goes with "
            f"the profession in training (skew {found['gender_skew']}), for the other it does not; "
            f"test images have both equally. Seeds {_seeds(found)} pooled, n = "
            f"{first['rare gender']['n']} and {first['common gender']['n']}."
        ),
        "",
        *table(["head", "rare gender", "common gender"], rows),
        (
            f"Common against rare gender, gender-bound head: Fisher's exact p = "
            f"{cell(found['fisher_p'])}. On the rare gender, only the balanced head is right on "
            f"{counts['only_balanced_right']} images and only the gender-bound one on "
            f"{counts['only_biased_right']}: McNemar's exact p = {cell(counts['p'])}. Texts give the "
            f"profession a probability of {cell(said['rare gender'])} with the rare gender and "
            f"{cell(said['common gender'])} with the common one."
        ),
        "",
    ]


def _failure(found: Mapping[str, Any]) -> list[str]:
    seen = [[name, one, one["n"]] for name, one in found["accuracy"].items()]
    seen += [[f"flagged as hard: {name}", one, one["n"]] for name, one in found["flagged"].items()]
    hardest = [f"{place}. “{text}”" for place, text in enumerate(found["hardest_captions"], 1)]
    return [
        "#### A planted failure and its direction",
        "",
        (
            f"Trained without any {found['planted']} (`animals`, seed {found['seed']}); after Jain et "
            "al. 2023, Distilling model failures as directions. Validation: "
            f"{found['validation']['errors']} errors among {found['validation']['n']} pictures of the "
            f"class. {found['message']}; permutation p = {cell(found['p'])}."
        ),
        "",
        *table(["pictures", "share", "n"], seen),
        *(["Captions, hardest first:", "", *hardest, ""] if hardest else []),
    ]
