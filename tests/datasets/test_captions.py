"""Captions of the rendered worlds: always true, sometimes partial, in plain words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.worlds.captions import caption, full_caption
from vlmdiag_widgets.datasets.worlds.facts import Caption, claim, facts_of
from vlmdiag_widgets.datasets.worlds.sprites import WATERBIRDS
from vlmdiag_widgets.datasets.worlds.words import VALUES, prompt, values, with_article
from vlmdiag_widgets.training import corpus

MALLARD = facts_of(thing="mallard", place="ocean", quality="normal")
OWL = {**MALLARD, **facts_of(thing="owl")}
TRIANGLE = facts_of(shape="triangle", color="orange", size="small", position="upper left")
JUDGE = facts_of(
    profession="judge",
    gender="woman",
    age="adult",
    tone="dark",
    place="city",
    quality="normal",
    sign="cook",
)
GIRL = facts_of(
    age="child", gender="woman", tone="medium", hair="plain", place="room", quality="normal"
)
BABY = facts_of(age="baby", tone="light", hair="plain", place="room", quality="blurry")
THREE = facts_of(thing=["dog", "car", "apple"], place="meadow", quality="normal")
BOARD = facts_of(sign="pilot", place="snow", quality="normal")
PICTURES = [MALLARD, TRIANGLE, JUDGE, GIRL, BABY, THREE, BOARD]


def many(facts, count=300, seed=0):
    rng = np.random.default_rng(seed)
    return [caption(rng, facts) for _ in range(count)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.integers(0, 2**31))
def test_a_caption_is_true_of_any_picture_that_can_be_drawn(index, seed):
    facts = corpus.sample(0, index, 0).facts
    assert all(one.true_for(facts) for one in many(facts, 8, seed))
    assert full_caption(facts).true_for(facts)


@pytest.mark.parametrize("facts", PICTURES)
def test_captions_leave_things_out_and_vary(facts):
    written = many(facts)
    named = {frozenset(clause.attribute for clause in one.clauses) for one in written}
    assert len(named) >= 2
    assert len({one.text for one in written}) > 40


def test_the_same_words_always_claim_the_same():
    claims: dict[str, frozenset] = {}
    for index in range(400):
        facts = corpus.sample(0, index, 0).facts
        for one in many(facts, 6, index):
            said = frozenset(one.clauses)
            assert claims.setdefault(one.text, said) == said


def test_a_caption_of_one_bird_is_false_of_another_unless_it_is_broader():
    for one in many(MALLARD):
        words = one.text.replace(".", "").split()
        if "mallard" in words or "duck" in words:
            assert not one.true_for(OWL)
        if words == ["bird"]:
            assert one.true_for(OWL)


def test_waterbird_is_true_of_water_birds_only():
    one = Caption("a waterbird", (claim("thing", *WATERBIRDS),))
    assert one.true_for(facts_of(thing="swan"))
    assert not one.true_for(facts_of(thing="owl"))
    assert not one.true_for(TRIANGLE)


def test_a_caption_of_two_things_needs_both():
    both = Caption("a dog and a car", (claim("thing", "dog"), claim("thing", "car")))
    assert both.true_for(THREE)
    assert not both.true_for(facts_of(thing=["dog", "apple"]))


def test_captions_of_several_things_mention_only_some():
    counts = {sum(c.attribute == "thing" for c in one.clauses) for one in many(THREE)}
    assert counts == {1, 2, 3}


def test_what_a_board_says_is_not_who_someone_is():
    reads = [one for one in many(JUDGE) if claim("sign", "cook") in one.clauses]
    assert reads
    assert not any(one.true_for({**JUDGE, **facts_of(sign="judge")}) for one in reads)
    assert not any(claim("profession", "cook") in one.clauses for one in many(JUDGE))


def test_woman_says_nothing_of_age_and_girl_does():
    said = {one.text.strip("."): one for one in many(GIRL, 2000)}
    assert said["the woman"].true_for({**GIRL, **facts_of(age="older")})
    assert not said["the girl"].true_for({**GIRL, **facts_of(age="older")})


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (MALLARD, "a photo of a mallard in the ocean."),
        (OWL, "a photo of an owl in the ocean."),
        (TRIANGLE, "a small orange triangle in the upper left."),
        (THREE, "a photo of an apple, a car and a dog in the meadow."),
        (GIRL, "a photo of a girl with medium skin in the room."),
        (BABY, "a photo of a baby with light skin in the room."),
        (BOARD, "a photo of a sign that says pilot in the snow."),
        (
            JUDGE,
            "a photo of a woman judge with dark skin in the city with a sign that says cook.",
        ),
    ],
)
def test_the_full_caption_names_everything(facts, text):
    assert full_caption(facts).text == text


def test_the_words_that_the_demos_need_occur():
    said = " ".join(one.text for facts in PICTURES for one in many(facts, 1500))
    for phrase in (
        "a photo of a mallard in the ocean",
        "a photo of a bird in the ocean",
        "waterbird",
        "animal",
        "art of",
        "small orange triangle",
        "orange triangle in the upper left",
        "female judge",
        "with dark skin",
        "a sign that says cook",
        "a blurry photo",
    ):
        assert phrase in said


@pytest.mark.parametrize("attribute", VALUES)
def test_every_value_can_be_asked_for(attribute):
    prompts = [prompt(attribute, value) for value in values(attribute)]
    assert len(set(prompts)) == len(prompts)
    assert not any(word in text for text in prompts for word in (" a a", " a e", " a o", "{", "  "))


def test_an_unknown_attribute_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="no attribute 'colour'") as caught:
        values("colour")
    assert "color" in str(caught.value)


@pytest.mark.parametrize(("noun", "said"), [("owl", "an owl"), ("umbrella", "an umbrella")])
def test_articles(noun, said):
    assert with_article(noun) == said


def test_empty_facts_are_left_out():
    assert facts_of(thing=["dog"], place="lake", sign="") == facts_of(thing="dog", place="lake")
