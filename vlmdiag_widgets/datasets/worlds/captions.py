"""Sentences about rendered pictures: which are written, and what each claims.

A caption names some attributes of a picture and leaves others out, by synonyms and broader words,
after openings that say nothing about the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vlmdiag_widgets.datasets.worlds.captions_people import board_caption, person_caption
from vlmdiag_widgets.datasets.worlds.facts import Caption, Clause, Facts, claim
from vlmdiag_widgets.datasets.worlds.phrases import only, pick, place_phrase, plain_opening, stop
from vlmdiag_widgets.datasets.worlds.words import (
    ANIMALS,
    GROUPS,
    OBJECT_GROUPS,
    POSITION_WORDS,
    QUALITY_WORDS,
    SHAPES,
    SIDES,
    SIZE_WORDS,
    THING_WORDS,
    prompt,
    with_article,
)

if TYPE_CHECKING:
    import numpy as np


def caption(rng: np.random.Generator, facts: Facts) -> Caption:
    """Return one true caption of a picture that names some of its attributes.

    Parameters
    ----------
    rng : numpy.random.Generator
    facts : mapping
        Of a coloured shape, a person, one or more things in a place, or a board with a word.
    """
    if "shape" in facts:
        return _shape_caption(rng, facts)
    if "age" in facts:
        return person_caption(rng, facts)
    if "thing" not in facts:
        return board_caption(rng, facts)
    if len(facts["thing"]) > 1:
        return _things_caption(rng, facts)
    return _thing_caption(rng, facts)


def full_caption(facts: Facts) -> Caption:
    """Return the caption that names what the picture is about, without noise.

    One thing and its place in the prompt of Zhang et al. 2023, DrML, appendix B.3; a person with
    age, gender, skin tone or profession.
    """
    if "shape" in facts:
        named = {name: only(facts, name) for name in ("size", "color", "shape", "position")}
        text = f"a {named['size']} {named['color']} {named['shape']} in the {named['position']}."
        return Caption(text, tuple(claim(name, value) for name, value in named.items()))
    place = only(facts, "place")
    if "age" in facts:
        return _full_person(facts, place)
    if "thing" not in facts:
        word = only(facts, "sign")
        text = f"a photo of a sign that says {word} in the {place}."
        return Caption(text, (claim("sign", word), claim("place", place)))
    things = sorted(facts["thing"])
    text = f"a photo of {_listed([with_article(one) for one in things])} in the {place}."
    return Caption(text, (*(claim("thing", one) for one in things), claim("place", place)))


def _full_person(facts: Facts, place: str) -> Caption:
    tone, clauses = only(facts, "tone"), [claim("place", place)]
    clauses += [
        claim(name, only(facts, name)) for name in ("age", "tone", "gender") if name in facts
    ]
    if "profession" in facts:
        profession = only(facts, "profession")
        text = f"a photo of a {only(facts, 'gender')} {profession} with {tone} skin in the {place}"
        clauses.append(claim("profession", profession))
        if "sign" in facts:
            text += f" with a sign that says {only(facts, 'sign')}"
            clauses.append(claim("sign", only(facts, "sign")))
        return Caption(f"{text}.", tuple(clauses))
    age = only(facts, "age")
    who = (
        prompt("age", age).removesuffix(".") if age == "baby" else _who(age, only(facts, "gender"))
    )
    return Caption(f"{who} with {tone} skin in the {place}.", tuple(clauses))


def _who(age: str, gender: str) -> str:
    words = {("child", "woman"): "a girl", ("child", "man"): "a boy"}
    plain = {"adult": f"an adult {gender}", "older": f"an older {gender}"}
    return f"a photo of {words.get((age, gender)) or plain[age]}"


def _subject(rng: np.random.Generator, thing: str) -> tuple[str, Clause]:
    """Return a word for the thing and its claim: its name, a synonym or a broader word."""
    draw = rng.random()
    tables = GROUPS if thing in ANIMALS else OBJECT_GROUPS
    groups = [word for word, members in tables.items() if thing in members]
    if draw < 0.74:
        options = THING_WORDS.get(thing, (thing,))
        word = options[0] if rng.random() < 0.6 else pick(rng, options)
        return word, claim("thing", thing)
    if groups and draw < 0.95:
        word = pick(rng, groups)
        return word, claim("thing", *tables[word])
    if thing in ANIMALS:
        return "animal", claim("thing", *ANIMALS)
    return "object", claim("thing", *OBJECT_GROUPS["object"])


def _thing_caption(rng: np.random.Generator, facts: Facts) -> Caption:
    noun, what = _subject(rng, only(facts, "thing"))
    place, where = place_phrase(rng, only(facts, "place"))
    kind = rng.random()
    if kind < 0.08:
        options = (place, f"the {place}", f"a photo of the {place}", f"a picture of {place}")
        return Caption(pick(rng, options) + stop(rng), (where,))
    if kind < 0.15:
        return Caption(noun + stop(rng), (what,))
    if kind < 0.21:
        pair = (f"{noun}, {place}", f"the {place} with {with_article(noun)}", f"{place}, {noun}")
        return Caption(pick(rng, pair) + stop(rng), (what, where))
    text, named = _opening(rng, noun, only(facts, "quality"))
    if kind < 0.80:
        return Caption(f"{text} {_link(rng)} {place}{stop(rng)}", (what, *named, where))
    return Caption(text + stop(rng), (what, *named))


def _link(rng: np.random.Generator) -> str:
    others = ("on the", "on", "at the", "in", "by the", "in front of the")
    return "in the" if rng.random() < 0.4 else pick(rng, others)


def _opening(rng: np.random.Generator, noun: str, quality: str) -> tuple[str, tuple[Clause, ...]]:
    """Return the noun after an opening, which may name the quality of the picture."""
    naming = 0.6 if quality != "normal" else 0.06
    if rng.random() < naming:
        word = pick(rng, QUALITY_WORDS[quality])
        kind = pick(rng, ("photo", "photo", "picture"))
        text = f"{with_article(word)} {kind} of {with_article(noun)}"
        return text, (claim("quality", quality),)
    return plain_opening(rng, noun), ()


def _things_caption(rng: np.random.Generator, facts: Facts) -> Caption:
    """Return a caption that mentions some of several things, as people do."""
    things = sorted(facts["thing"])
    count = int(rng.integers(1, len(things) + 1))
    chosen = [things[int(k)] for k in rng.permutation(len(things))[:count]]
    named = [_subject(rng, thing) for thing in chosen]
    clauses = tuple(clause for _, clause in named)
    words = [word for word, _ in named]
    if rng.random() < 0.12:
        text = ", ".join(words)
    else:
        first = plain_opening(rng, words[0])
        text = _listed([first, *(with_article(word) for word in words[1:])], rng)
    if rng.random() < 0.5:
        place, where = place_phrase(rng, only(facts, "place"))
        return Caption(f"{text} {_link(rng)} {place}{stop(rng)}", (*clauses, where))
    return Caption(text + stop(rng), clauses)


def _listed(parts: Sequence[str], rng: np.random.Generator | None = None) -> str:
    """Join two or more with commas and a last word such as "and"."""
    if len(parts) == 1:
        return parts[0]
    last = "and" if rng is None else pick(rng, ("and", "and", "with", "next to", "beside"))
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def _shape_caption(rng: np.random.Generator, facts: Facts) -> Caption:
    words: list[str] = []
    clauses: list[Clause] = []
    if rng.random() < 0.55:
        size = only(facts, "size")
        words.append(pick(rng, SIZE_WORDS[size]) if rng.random() < 0.4 else size)
        clauses.append(claim("size", size))
    if rng.random() < 0.8:
        words.append(only(facts, "color"))
        clauses.append(claim("color", words[-1]))
    named = rng.random() < 0.85
    words.append(only(facts, "shape") if named else "shape")
    clauses.append(claim("shape", words[-1]) if named else claim("shape", *SHAPES))
    style = rng.random()
    if style < 0.3:
        text = ", ".join(words) if rng.random() < 0.2 else " ".join(words)
    else:
        phrase = " ".join(words)
        text = plain_opening(rng, phrase) if style > 0.55 else with_article(phrase)
    if rng.random() < 0.35:
        where, clause = _position(rng, only(facts, "position"))
        text, clauses = f"{text} {where}", [*clauses, clause]
    return Caption(text + stop(rng), tuple(clauses))


def _position(rng: np.random.Generator, position: str) -> tuple[str, Clause]:
    if rng.random() < 0.2:
        side = pick(rng, [side for side, members in SIDES.items() if position in members])
        preposition = "on" if side in ("left", "right") else "at"
        return f"{preposition} the {side}", claim("position", *SIDES[side])
    word = position if rng.random() < 0.6 else pick(rng, POSITION_WORDS[position])
    end = pick(rng, ("", "", " corner"))
    return f"in the {word}{end}", claim("position", position)
