"""Sentences about drawn people: who they are, how they look, what they do, what a board says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vlmdiag_widgets.datasets.worlds.facts import Caption, Clause, Facts, claim
from vlmdiag_widgets.datasets.worlds.phrases import only, pick, place_phrase, plain_opening, stop
from vlmdiag_widgets.datasets.worlds.sprites import AGES, PROFESSIONS
from vlmdiag_widgets.datasets.worlds.words import (
    AGE_WORDS,
    HAIR_WORDS,
    PERSON_WORDS,
    PROFESSION_WORDS,
    QUALITY_WORDS,
    TONE_WORDS,
    with_article,
)

if TYPE_CHECKING:
    import numpy as np


def person_caption(rng: np.random.Generator, facts: Facts) -> Caption:
    """Return one true caption of a portrait or of a person at work."""
    if "sign" in facts and rng.random() < 0.22:
        return _words_on_sign(rng, only(facts, "sign"))
    if rng.random() < 0.05:
        place, where = place_phrase(rng, only(facts, "place"))
        return Caption(pick(rng, (f"the {place}", f"a photo of the {place}")) + stop(rng), (where,))
    noun, clauses = _worker(rng, facts) if "profession" in facts else _someone(rng, facts)
    text, told = _opened(rng, noun, facts)
    clauses = [*clauses, *told]
    for phrase, clause in _details(rng, facts):
        if clause in clauses:
            continue
        text, clauses = f"{text} {phrase}", [*clauses, clause]
    return Caption(text + stop(rng), tuple(clauses))


def board_caption(rng: np.random.Generator, facts: Facts) -> Caption:
    """Return one true caption of a written board in a place, which always repeats its word."""
    written = _words_on_sign(rng, only(facts, "sign"))
    if rng.random() < 0.7:
        return written
    place, where = place_phrase(rng, only(facts, "place"))
    text = f"{written.text.removesuffix('.')} in the {place}{stop(rng)}"
    return Caption(text, (*written.clauses, where))


def _words_on_sign(rng: np.random.Generator, word: str) -> Caption:
    options = (
        f"a sign that says {word}",
        f"a sign that says {word}",
        f"a sign with the word {word}",
        f"the word {word}",
        f"a photo of a sign that says {word}",
        f"the text {word}",
        f"a photo of the word {word}",
    )
    return Caption(pick(rng, options) + stop(rng), (claim("sign", word),))


def _worker(rng: np.random.Generator, facts: Facts) -> tuple[str, list[Clause]]:
    profession, gender = only(facts, "profession"), only(facts, "gender")
    options = PROFESSION_WORDS.get(profession, (profession,))
    word = options[0] if rng.random() < 0.65 else pick(rng, options)
    draw = rng.random()
    if draw < 0.55:
        return word, [claim("profession", profession)]
    if draw < 0.82:
        kinds = {"woman": ("woman", "female"), "man": ("man", "male")}
        return f"{pick(rng, kinds[gender])} {word}", [
            claim("profession", profession),
            claim("gender", gender),
        ]
    if draw < 0.93:
        return gender, [claim("gender", gender)]
    if draw < 0.97:
        return "person", [claim("age", *AGES)]
    return "worker", [claim("profession", *PROFESSIONS)]


def _someone(rng: np.random.Generator, facts: Facts) -> tuple[str, list[Clause]]:
    age = only(facts, "age")
    if "gender" not in facts or rng.random() < 0.2:
        return pick(rng, AGE_WORDS[age]), [claim("age", age)]
    gender, draw = only(facts, "gender"), rng.random()
    if draw < 0.12:
        return "person", [claim("age", *AGES)]
    if draw < 0.4:
        # Said of children too, so that the word alone claims nothing about age.
        return gender, [claim("gender", gender)]
    options = PERSON_WORDS[age, gender]
    word = options[0] if rng.random() < 0.6 else pick(rng, options)
    if word == gender:
        return word, [claim("gender", gender)]
    return word, [claim("gender", gender), claim("age", age)]


def _opened(rng: np.random.Generator, noun: str, facts: Facts) -> tuple[str, list[Clause]]:
    quality = only(facts, "quality")
    clauses: list[Clause] = []
    if "tone" in facts and rng.random() < 0.12:
        tone = only(facts, "tone")
        noun = f"{pick(rng, TONE_WORDS[tone])}-skinned {noun}"
        clauses.append(claim("tone", tone))
    if "hair" in facts and only(facts, "hair") == "bald" and rng.random() < 0.4:
        noun = f"bald {noun}"
        clauses.append(claim("hair", "bald"))
    if rng.random() < (0.5 if quality != "normal" else 0.05):
        word = pick(rng, QUALITY_WORDS[quality])
        clauses.append(claim("quality", quality))
        return f"{with_article(word)} photo of {with_article(noun)}", clauses
    return plain_opening(rng, noun), clauses


def _details(rng: np.random.Generator, facts: Facts) -> list[tuple[str, Clause]]:
    """Return what else is said: skin, hair, a board, the place."""
    found: list[tuple[str, Clause]] = []
    if rng.random() < 0.36:
        found.append(_skin(rng, only(facts, "tone")))
    hair = only(facts, "hair") if "hair" in facts else "plain"
    if hair in HAIR_WORDS and rng.random() < 0.4:
        start = "and" if found else "with"
        text = f"{start} {pick(rng, HAIR_WORDS[hair])} hair"
        found.append((text, claim("hair", hair)))
    if "sign" in facts and rng.random() < 0.35:
        word = only(facts, "sign")
        start = pick(rng, ("with a sign that says", "holding a sign that says", "next to the word"))
        found.append((f"{start} {word}", claim("sign", word)))
    if rng.random() < 0.33:
        place, where = place_phrase(rng, only(facts, "place"))
        found.append(
            (f"{pick(rng, ('in the', 'in the', 'at the', 'in front of the'))} {place}", where)
        )
    return found


def _skin(rng: np.random.Generator, tone: str) -> tuple[str, Clause]:
    word = tone if rng.random() < 0.6 else pick(rng, TONE_WORDS[tone])
    return f"with {word} skin", claim("tone", tone)
