"""Words a small encoder has never seen are named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlmdiag_widgets._errors import WeightsError
from vlmdiag_widgets.encoders import load_encoder
from vlmdiag_widgets.encoders.vocabulary import read_vocabulary, split_words, unknown_words

KNOWN = frozenset({"a", "photo", "of", "the", "bird", "black", "and", "white"})


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("A Photo of the bird.", []),
        ("the bird's photo", []),
        ("a black-and-white bird!", []),
        ("a quetzal, a toucan, a quetzal", ["quetzal", "toucan"]),
        ("", []),
        ("¿ 3 birds ?", ["3", "birds"]),
        ("Vögel", ["vögel"]),
    ],
)
def test_unknown_words_in_order(text, unknown):
    assert unknown_words(text, KNOWN) == unknown


@given(st.text(max_size=60))
def test_words_of_a_text_are_known_to_themselves(text):
    assert unknown_words(text, frozenset(split_words(text))) == []
    assert unknown_words(text, None) == []


def test_the_demo_knows_its_world_and_nothing_else():
    encoder = load_encoder("demo")
    assert encoder.unknown_words("a photo of a bird in the forest") == []
    assert encoder.unknown_words("a photo of a locomotive") == ["locomotive"]


@pytest.mark.parametrize("content", [["Bird", "photo"], {"words": ["bird", "photo"]}])
def test_files_hold_a_list_or_an_entry(tmp_path: Path, content):
    path = tmp_path / "vocabulary.json"
    path.write_text(json.dumps(content))
    assert read_vocabulary(path) == {"bird", "photo"}


def test_no_file_is_an_open_vocabulary_and_a_bad_one_an_error(tmp_path: Path):
    assert read_vocabulary(tmp_path / "none.json") is None
    (tmp_path / "bad.json").write_text("[")
    with pytest.raises(WeightsError, match="no JSON"):
        read_vocabulary(tmp_path / "bad.json")
