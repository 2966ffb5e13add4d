import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlmdiag_widgets import InputError
from vlmdiag_widgets.audit.templates import (
    default_template,
    parse,
    parse_all,
    template_warnings,
)

BIRD = "a photo of a [{species}|bird][ in the {place}]."


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"species": "mallard", "place": "ocean"}, "a photo of a mallard in the ocean."),
        ({"species": "mallard"}, "a photo of a mallard."),
        ({"place": "ocean"}, "a photo of a bird in the ocean."),
        ({"place": None}, "a photo of a bird."),
    ],
)
def test_an_optional_part_drops_out_with_its_attribute(values, text):
    assert parse(BIRD).compose(values) == text


def test_the_first_complete_alternative_is_used():
    template = parse("[{a} and {b}|only {a}|only {b}|none]")
    assert template.compose({"a": "x", "b": "y"}) == "x and y"
    assert template.compose({"a": "x"}) == "only x"
    assert template.compose({"b": "y"}) == "only y"
    assert template.compose({}) == "none"


def test_a_required_attribute_makes_no_text_when_absent():
    template = parse("a {species}[ in the {place}]")
    assert template.required == ("species",)
    assert template.compose({"place": "ocean"}) is None


def test_the_article_follows_the_word_after_it():
    template = parse("a photo of a [{color} ][{shape}|thing].")
    assert (
        template.compose({"color": "orange", "shape": "square"}) == "a photo of an orange square."
    )
    assert template.compose({"shape": "oval"}) == "a photo of an oval."
    assert template.compose({"shape": "unicorn"}) == "a photo of a unicorn."
    assert template.compose({"color": "red", "shape": "owl"}) == "a photo of a red owl."
    assert parse("an [{x}|thing]").compose({}) == "a thing"


def test_doubled_signs_stand_for_themselves():
    assert parse("{{a}} [[b]] | || {x}").compose({"x": "1"}) == "{a} [b] | | 1"


def test_a_bracket_beside_a_bracket_is_not_a_doubled_sign():
    assert parse("[{a} ][{b}]").compose({"a": "x", "b": "y"}) == "x y"


def test_spaces_left_by_dropped_parts_are_removed():
    assert parse("a bird [{size}] .").compose({}) == "a bird."


@pytest.mark.parametrize(
    ("source", "what", "position"),
    [
        ("a {species", "never closed", 3),
        ("a species}", "lone }", 10),
        ("a [{species}", "never closed", 3),
        ("a ]", "lone ]", 3),
        ("a {}", "empty braces", 3),
        ("a [bird]", "names no attribute", 3),
        ("[{a}[{b}]]", "inside brackets", 5),
        ("{a{b}}", "never closed", 1),
    ],
)
def test_a_mistake_is_named_with_its_position_and_a_way_out(source, what, position):
    with pytest.raises(InputError) as caught:
        parse(source)
    assert what in caught.value.message
    assert f"position {position}." in caught.value.message
    assert caught.value.hint


def test_an_empty_template_is_refused():
    with pytest.raises(InputError, match="empty"):
        parse("  ")


def test_an_unknown_name_is_answered_with_near_ones():
    with pytest.raises(InputError, match=r"\{specis\}.*\{species\}"):
        parse_all(["a {specis}"], ["species", "place"])


@pytest.mark.parametrize(
    ("templates", "what"),
    [([], "no template"), (["a bird"], "names no attribute"), (["{a}", "{a}"], "given twice")],
)
def test_template_lists_that_make_no_sense_are_refused(templates, what):
    with pytest.raises(InputError, match=what):
        parse_all(templates, ["a"])


def test_unused_and_never_absent_attributes_are_pointed_out():
    notes = template_warnings(
        parse_all(["a {species}"], ["species", "place"]), ["species", "place"]
    )
    assert len(notes) == 2
    assert "{place}" in notes[0]
    assert "[{species}|thing]" in notes[1]


def test_the_default_template_puts_qualities_before_and_places_after():
    template = parse(default_template(["shape", "color", "place", "mood"], "shape"))
    given = {"shape": "owl", "color": "orange", "place": "sea", "mood": "calm"}
    assert template.compose(given) == "a photo of an orange owl in the sea, calm."
    assert template.compose({}) == "a photo of a thing."


@given(st.text(alphabet="ab {}[]|", max_size=14))
def test_any_text_parses_or_is_refused_with_words(source):
    with contextlib.suppress(InputError):
        template = parse(source)
        template.compose(dict.fromkeys(template.names, "v"))
